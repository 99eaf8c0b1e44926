// If the clock was ahead when an authorization or order was made, it would stay valid for too long. So dates
// that are later than possible are replaced by the latest possible date.
import type { Clock } from '@gatehouse/access';
import type { Database } from '../../platform/store/database.ts';
import type { AcmeStore } from '../store/store.ts';
import { PENDING_MS } from './authorizations.ts';

export interface FutureDatesDeps {
  database: Database;
  store: AcmeStore;
  clock: Clock;
}

export async function limitFutureDates({ database, store, clock }: FutureDatesDeps): Promise<void> {
  const now = clock.now();
  const latest = now + PENDING_MS;
  // Older ones expired before the clock was ahead, or have correct dates.
  const madeSince = now - PENDING_MS;
  if (!(await store.hasFutureDates(database.read, { madeSince, now, latest }))) return;
  await database.write(async (tx) => {
    await store.limitAuthorizations(tx, { madeSince, now, latest });
    await store.limitOrders(tx, { madeSince, latest });
  });
}

// An authorization or order that was made while the clock was ahead would stay valid for as long as the clock
// was ahead. Dates that are later than they could be now are replaced by the latest date that they could
// have.
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
  // Older ones had expired before the clock was ahead, or end when they should.
  const madeSince = now - PENDING_MS;
  if (!(await store.hasFutureDates(database.read, { madeSince, now, latest }))) return;
  await database.write(async (tx) => {
    await store.limitAuthorizations(tx, { madeSince, now, latest });
    await store.limitOrders(tx, { madeSince, latest });
  });
}

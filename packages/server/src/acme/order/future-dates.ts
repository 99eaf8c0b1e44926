// After the clock was ahead: an authorization of that time would hold for as long as the clock was ahead, and its order be open for as
// long. What is dated later than it could be now gets the latest date that it could have.
import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/database.ts';
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
  // What was made earlier had expired before the clock was ahead, or holds no longer than it should.
  const madeSince = now - PENDING_MS;
  if (!(await store.hasFutureDates(database.read, { madeSince, now, latest }))) return;
  await database.write(async (tx) => {
    await store.limitAuthorizations(tx, { madeSince, now, latest });
    await store.limitOrders(tx, { madeSince, latest });
  });
}

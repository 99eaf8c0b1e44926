// The ledger: every event that a capability publishes becomes a hash-chained row in the transaction of the act itself.
// Nobody imports this capability; it listens.
import type { Clock } from '../platform/clock.ts';
import type { Database } from '../platform/database.ts';
import type { Events } from '../platform/events.ts';
import type { Route } from '../platform/http/route.ts';
import { entryHash, GENESIS, headMac, isGenuine } from './chain.ts';
import { auditRoutes } from './routes.ts';
import { createAuditStore } from './store.ts';

export { auditMigrations } from './store.ts';

export interface AuditDeps {
  database: Database;
  events: Events;
  clock: Clock;
  /** 32 bytes, for the MAC over the head. */
  headKey: Uint8Array;
}

export function createAudit(deps: AuditDeps): { routes: Route[] } {
  const { database, events, clock, headKey } = deps;
  const store = createAuditStore(database);
  events.subscribe(async (tx, event) => {
    const head = await store.head(tx);
    const entry = {
      seq: (head?.seq ?? 0) + 1,
      time: clock.now(),
      type: event.type,
      actor: JSON.stringify(event.actor),
      outcome: event.outcome,
      // SQLite keeps UTF-8, which has no lone surrogates: what is hashed must be what is stored.
      subject: event.subject?.toWellFormed() ?? null,
      data: JSON.stringify(event.data),
    };
    const hash = entryHash(head?.hash ?? GENESIS, entry);
    // The next entry must not make a head genuine that is not: its MAC then stays, and verification finds it.
    const mac = head && !isGenuine(head, headKey) ? head.mac : headMac(headKey, { seq: entry.seq, hash });
    await store.append(tx, { ...entry, hash }, mac);
  });
  return { routes: auditRoutes(store, headKey) };
}

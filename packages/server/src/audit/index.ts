// The ledger: every event that a capability publishes becomes a hash-chained row in the transaction of the act itself.
// Nobody imports this capability; it listens.
import type { Clock } from '../platform/clock.ts';
import type { Database, Tx } from '../platform/database.ts';
import type { DomainEvent, Events } from '../platform/events.ts';
import type { Route } from '../platform/http/route.ts';
import type { UnhashedEntry } from './chain.ts';
import { entryHash, GENESIS, headMac, isGenuine } from './chain.ts';
import { auditRoutes } from './routes.ts';
import type { AuditStore, HeadRow } from './store.ts';
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
  const { database, headKey } = deps;
  const store = createAuditStore(database);
  followEvents(deps, store);
  return { routes: auditRoutes(store, headKey) };
}

/** The end of the chain while a commit is under way. */
interface End {
  seq: number;
  hash: string;
  /** What the commit found. */
  found: HeadRow | undefined;
}

/** Entries are written with the acts that they tell of; the head once for all that are committed together. */
function followEvents({ database, events, clock, headKey }: AuditDeps, store: AuditStore): void {
  let end: End | undefined;

  async function append(tx: Tx, event: DomainEvent): Promise<void> {
    const { seq, hash: previous, found } = end ?? (await endOf(store, tx));
    const entry = unhashedEntry(seq + 1, clock.now(), event);
    const hash = entryHash(previous, entry);
    await store.append(tx, { ...entry, hash });
    end = { seq: entry.seq, hash, found };
  }

  events.subscribe(append);
  database.join({
    begin() {
      end = undefined;
    },
    mark() {
      const before = end;
      return () => {
        end = before;
      };
    },
    async beforeCommit(tx) {
      if (!end) return;
      const { seq, hash, found } = end;
      // The next entry must not make a head genuine that is not: its MAC then stays, and verification finds it.
      const mac = found && !isGenuine(found, headKey) ? found.mac : headMac(headKey, { seq, hash });
      await store.moveHead(tx, { seq, hash, mac });
    },
  });
}

async function endOf(store: AuditStore, tx: Tx): Promise<End> {
  const found = await store.head(tx);
  return { seq: found?.seq ?? 0, hash: found?.hash ?? GENESIS, found };
}

function unhashedEntry(seq: number, time: number, event: DomainEvent): UnhashedEntry {
  return {
    seq,
    time,
    type: event.type,
    actor: JSON.stringify(event.actor),
    outcome: event.outcome,
    // SQLite keeps UTF-8, which has no lone surrogates: what is hashed must be what is stored.
    subject: event.subject?.toWellFormed() ?? null,
    data: JSON.stringify(event.data),
  };
}

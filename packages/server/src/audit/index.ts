// The ledger. Every event that a capability publishes becomes a hash-chained row in the transaction of its
// act. The sequence numbers of the rows give projections and workers the order of all changes.
import type { Clock } from '@gatehouse/access';
import { z } from 'zod';
import type { Capability, CapabilityDeps, CapabilityKind } from '../platform/capability.ts';
import type { Database, Journal, Tx } from '../platform/database.ts';
import type { CommittedEvent, DomainEvent } from '../platform/events.ts';
import type { UnhashedEntry } from './chain.ts';
import { entryHash, GENESIS, headMac, isGenuine } from './chain.ts';
import { createLedgerMetrics } from './metrics.ts';
import { auditRoutes } from './routes.ts';
import type { AuditStore, HeadRow } from './store.ts';
import { auditMigrations, createAuditStore } from './store.ts';

export type { AuditEntry, AuditVerification } from './routes.ts';

/** The ledger has no settings. */
const auditSettings = z.strictObject({}).prefault({});

export interface AuditDeps {
  database: Database;
  clock: Clock;
  /** 32 bytes, for the MAC over the head. */
  headKey: Uint8Array;
}

export type Audit = Required<Pick<Capability, 'routes' | 'projections' | 'metrics'>>;

export const auditCapability: CapabilityKind<'audit', typeof auditSettings, CapabilityDeps, Audit> = {
  name: 'audit',
  migrations: auditMigrations,
  settings: auditSettings,
  create: (deps) => createAudit({ ...deps, headKey: deps.keyStore.derive('audit-head') }),
};

export function createAudit(deps: AuditDeps): Audit {
  const { database, headKey } = deps;
  const store = createAuditStore(database);
  database.recordIn(createJournal(deps, store));
  const { projection, metrics } = createLedgerMetrics(database);
  return { routes: auditRoutes(store, headKey), projections: [projection], metrics };
}

/** Writes the entries in the transaction of their acts, and the head once for each commit. */
function createJournal({ clock, headKey }: AuditDeps, store: AuditStore): Journal {
  return {
    async append(tx, events) {
      if (events.length === 0) return [];
      const found = await store.head(tx);
      let { seq, hash } = found ?? { seq: 0, hash: GENESIS };
      const committed: CommittedEvent[] = [];
      for (const event of events) {
        const entry = unhashedEntry(seq + 1, clock.now(), event);
        hash = entryHash(hash, entry);
        seq = entry.seq;
        await store.append(tx, { ...entry, hash });
        committed.push({ ...event, seq });
      }
      await moveHead(tx, store, { found, seq, hash, headKey });
      return committed;
    },
    lastSeq: async (connection) => (await store.head(connection))?.seq ?? 0,
  };
}

interface NewHead {
  found: HeadRow | undefined;
  seq: number;
  hash: string;
  headKey: Uint8Array;
}

async function moveHead(tx: Tx, store: AuditStore, { found, seq, hash, headKey }: NewHead): Promise<void> {
  // If the head is not genuine, the next entry must not make it genuine: its MAC stays, so that verification
  // finds it.
  const mac = found && !isGenuine(found, headKey) ? found.mac : headMac(headKey, { seq, hash });
  await store.moveHead(tx, { seq, hash, mac });
}

function unhashedEntry(seq: number, time: number, event: DomainEvent): UnhashedEntry {
  return {
    seq,
    time,
    type: event.type,
    actor: JSON.stringify(event.actor),
    outcome: event.outcome,
    // The database stores UTF-8, which has no lone surrogates. The hash must cover the stored text.
    subject: event.subject?.toWellFormed() ?? null,
    data: JSON.stringify(event.data),
  };
}

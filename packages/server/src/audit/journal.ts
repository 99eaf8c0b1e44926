// Writes the entries of the ledger, in the transaction of their acts (docs/wire/ledger.md).
import type { Clock } from '@gatehouse/access';
import type { CommittedEvent, DomainEvent } from '../platform/feed/events.ts';
import { EMPTY_LEDGER } from '../platform/ledger/ledger-head.ts';
import type { WitnessWriter } from '../platform/ledger/witness.ts';
import type { Journal, Tx } from '../platform/store/database.ts';
import type { UnhashedEntry } from './chain.ts';
import { entryHash, headMac, isGenuine } from './chain.ts';
import type { AuditStore, HeadRow } from './store.ts';

export interface JournalDeps {
  clock: Clock;
  store: AuditStore;
  /** 32 bytes, for the MAC over the head. */
  headKey: Uint8Array;
  /** Called with the head when it is on disk. */
  witness?: WitnessWriter | undefined;
}

/** Writes the entries in the transaction of their acts, and the head once for each commit. */
export function createJournal({ clock, store, headKey, witness }: JournalDeps): Journal {
  return {
    async append(tx, events) {
      if (events.length === 0) return [];
      const found = await store.head(tx);
      let { seq, hash } = found ?? EMPTY_LEDGER;
      const committed: CommittedEvent[] = [];
      for (const event of events) {
        const entry = unhashedEntry(seq + 1, clock.now(), event);
        hash = entryHash(hash, entry);
        seq = entry.seq;
        await store.append(tx, { ...entry, hash });
        committed.push({ ...event, seq });
      }
      await moveHead(tx, store, { found, seq, hash, headKey });
      const head = { seq, hash };
      tx.afterCommit(() => witness?.moved(head));
      return committed;
    },
    close: async () => witness?.flush(),
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
  // If the head is not genuine, the next entry must not make it genuine. So the wrong MAC stays, and
  // verification finds it.
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

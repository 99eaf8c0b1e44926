// Counts refusals of unknown clients, and writes the counts to the ledger: one entry a minute for each kind
// of refusal and address share. So a flood leaves a trace, but cannot fill the disk.
import type { Clock } from '@gatehouse/access';
import type { DomainEvent, Events } from '../feed/events.ts';
import { addressShareOf } from '../limits/address-share.ts';
import type { Database } from '../store/database.ts';

export interface Refusal {
  type: DomainEvent['type'];
  /** What the client wanted, or null. Use few different values: each has its own entries. */
  subject: string | null;
  /** The client's address, or its share. */
  address: string;
}

export interface RefusalCounter {
  /** Adds one. Writes nothing yet. */
  count(refusal: Refusal): void;
  /** Writes the counts since the last time. If that fails, they are added to the next counts. */
  flush(): Promise<void>;
}

export interface RefusalCounterDeps {
  database: Database;
  events: Events;
  clock: Clock;
}

export const REFUSALS_FLUSH_SECONDS = 60;

// How many address shares get their own entry in one minute. All others are counted together, as OTHERS.
const SHARES_COUNTED = 100;
const OTHERS = 'others';

interface Counted {
  type: DomainEvent['type'];
  subject: string | null;
  share: string;
  count: number;
  first: number;
  last: number;
}

export function createRefusalCounter({ database, events, clock }: RefusalCounterDeps): RefusalCounter {
  let counts = new Map<string, Counted>();

  function add(more: Counted): void {
    const known = counts.get(keyOf(more));
    if (known) {
      known.count += more.count;
      known.first = Math.min(known.first, more.first);
      known.last = Math.max(known.last, more.last);
    } else if (counts.size < SHARES_COUNTED || more.share === OTHERS) {
      counts.set(keyOf(more), { ...more });
    } else {
      add({ ...more, share: OTHERS });
    }
  }

  return {
    count({ type, subject, address }) {
      const now = clock.now();
      add({ type, subject, share: addressShareOf(address), count: 1, first: now, last: now });
    },
    async flush() {
      if (counts.size === 0) return;
      const due = counts;
      counts = new Map();
      try {
        await database.write(async (tx) => {
          for (const counted of due.values()) await events.publish(tx, eventOf(counted));
        });
      } catch (error) {
        for (const counted of due.values()) add(counted);
        throw error;
      }
    },
  };
}

function keyOf({ type, subject, share }: Counted): string {
  return JSON.stringify([type, subject, share]);
}

function eventOf({ type, subject, share, count, first, last }: Counted): DomainEvent {
  const times = { first: new Date(first).toISOString(), last: new Date(last).toISOString() };
  return {
    type,
    actor: { kind: 'anonymous', name: 'anonymous', address: share },
    outcome: 'failure',
    subject,
    data: { count, ...times },
  };
}

// Events that a client can cause at will, such as denials and failed sign-ins. The first of several equal
// events is in the ledger before the answer. Those within the next minute are counted, and become one entry
// with the count and the first and last times. So a flood leaves a trace, but only a limited number of
// entries.
import type { Clock } from '@gatehouse/access';
import type { DomainEvent, Events } from '../feed/events.ts';
import { addressShareOf } from '../limits/address-share.ts';
import type { Database } from '../store/database.ts';

export interface RepeatedEvents {
  /**
   * Resolves when the event is on disk, or when an equal event of the last minute is on disk and this one is
   * counted. Equal events differ only in the ids of the request and of its credential.
   */
  record(event: DomainEvent): Promise<void>;
  /**
   * Writes the counts since the last time, and begins a new minute. If that fails, they are added to the next
   * counts.
   */
  flush(): Promise<void>;
}

export interface RepeatedEventsDeps {
  database: Database;
  events: Events;
  clock: Clock;
}

export const REPEATS_FLUSH_SECONDS = 60;

// How many different events of one address share get separate entries in a minute. The others are counted
// together, for each type and share.
const DIFFERENT_OF_SHARE = 100;
// The same for all shares together.
const DIFFERENT = 1000;
const OTHERS = 'others';
/** Members of `data` that differ between requests, or that a client can choose at will. */
const CHANGING: readonly string[] = ['requestId', 'tokenId'];

interface Repeated {
  event: DomainEvent;
  /** Settles when the first event is on disk, or could not be written. */
  written: Promise<void>;
  /** The number of events after the first one. */
  count: number;
  first: number;
  last: number;
}

export function createRepeatedEvents({ database, events, clock }: RepeatedEventsDeps): RepeatedEvents {
  let recent = new Map<string, Repeated>();
  let ofShare = new Map<string, number>();

  /** The key of this event, or of all others of its type and share if there are too many different ones. */
  function keyOf(event: DomainEvent): { key: string; isOwn: boolean } {
    const share = addressShareOf(event.actor.address ?? '');
    const own = exactKey(event, share);
    if (recent.has(own)) return { key: own, isOwn: true };
    const isRoom = recent.size < DIFFERENT && (ofShare.get(share) ?? 0) < DIFFERENT_OF_SHARE;
    if (isRoom) ofShare.set(share, (ofShare.get(share) ?? 0) + 1);
    if (isRoom) return { key: own, isOwn: true };
    return { key: JSON.stringify([event.type, recent.size < 2 * DIFFERENT ? share : OTHERS]), isOwn: false };
  }

  async function write(key: string, event: DomainEvent): Promise<void> {
    try {
      await database.write((tx) => events.publish(tx, event));
    } catch (error) {
      recent.delete(key);
      throw error;
    }
  }

  function addBack(key: string, earlier: Repeated): void {
    const later = recent.get(key);
    if (!later) recent.set(key, earlier);
    else recent.set(key, { ...later, count: later.count + earlier.count, first: earlier.first });
  }

  return {
    record(event) {
      const { key, isOwn } = keyOf(event);
      const now = clock.now();
      const known = recent.get(key);
      if (known) {
        known.count += 1;
        known.last = now;
        return known.written;
      }
      const counted = isOwn ? event : withoutDetails(event);
      const repeated: Repeated = {
        event: counted,
        written: write(key, event),
        count: 0,
        first: now,
        last: now,
      };
      recent.set(key, repeated);
      return repeated.written;
    },
    async flush() {
      const due = [...recent].filter(([, { count }]) => count > 0);
      recent = new Map();
      ofShare = new Map();
      if (due.length === 0) return;
      try {
        await database.write(async (tx) => {
          for (const [, repeated] of due) await events.publish(tx, countOf(repeated));
        });
      } catch (error) {
        for (const [key, repeated] of due) addBack(key, repeated);
        throw error;
      }
    },
  };
}

function exactKey({ type, actor, outcome, subject, data }: DomainEvent, share: string): string {
  const same = Object.entries(data).filter(([name]) => !CHANGING.includes(name));
  return JSON.stringify([type, actor.kind, actor.name, share, outcome, subject, same]);
}

/** The part that different events of one address have in common. */
function withoutDetails({ type, actor: { address }, outcome }: DomainEvent): DomainEvent {
  const actor = { kind: 'anonymous', name: 'anonymous', ...(address !== undefined && { address }) } as const;
  return { type, actor, outcome, subject: null, data: { code: 'various' } };
}

function countOf({ event, count, first, last }: Repeated): DomainEvent {
  const same = Object.entries(event.data).filter(([name]) => !CHANGING.includes(name));
  const times = { first: new Date(first).toISOString(), last: new Date(last).toISOString() };
  return { ...event, data: { ...Object.fromEntries(same), count, ...times } };
}

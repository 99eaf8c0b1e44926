// What happened, published within the transaction in which it happened. A capability publishes; the ledger records; projections
// follow what was committed. None of them knows the others.
import type { Tx } from './database.ts';

export interface Actor {
  /** `user`, `service`, `operator` (the local socket), `anonymous` or `system`. */
  kind: 'user' | 'service' | 'operator' | 'anonymous' | 'system';
  name: string;
  address?: string;
}

export type EventValue = string | number | boolean | null | EventValue[] | { [key: string]: EventValue };

export interface DomainEvent {
  /** `capability.fact_in_past_tense` */
  type: `${string}.${string}`;
  actor: Actor;
  outcome: 'success' | 'failure';
  subject: string | null;
  data: { [key: string]: EventValue };
}

/** An event whose act is on disk. */
export interface CommittedEvent extends DomainEvent {
  /** Its number in the ledger: from 1, without gaps, in the order of the commits. */
  seq: number;
}

/** Acts that follow from the event, in the same transaction. What it throws undoes the act that published. */
export type Subscriber = (tx: Tx, event: DomainEvent) => Promise<void>;

export interface Events {
  subscribe(subscriber: Subscriber): void;
  /** Hands the event to the ledger and to every subscriber, in the order of subscription, inside `tx`. */
  publish(tx: Tx, event: DomainEvent): Promise<void>;
}

/**
 * @example
 * await database.write(async (tx) => {
 *   await store.deleteKey(tx, id);
 *   await events.publish(tx, { type: 'identity.key_revoked', actor, outcome: 'success', subject: name, data: { id } });
 * });
 */
export function createEvents(): Events {
  const subscribers: Subscriber[] = [];
  return {
    subscribe: (subscriber) => void subscribers.push(subscriber),
    async publish(tx, event) {
      // First, so that what subscribers publish stands behind it in the ledger.
      tx.publish(event);
      for (const subscriber of subscribers) await subscriber(tx, event);
    },
  };
}

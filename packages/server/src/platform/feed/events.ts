// Publishes events, in the transactions of their acts. A capability publishes an event, the ledger records
// it, and projections follow the committed ones. None of them knows the others.

import type { Tx } from '../store/transaction.ts';
import type { DomainEvent } from './domain-event.ts';

export type { Actor, CommittedEvent, DomainEvent, EventValue } from './domain-event.ts';

/**
 * Does further work because of the event, in the same transaction. An error that it throws undoes the act
 * that published the event.
 */
export type Subscriber = (tx: Tx, event: DomainEvent) => Promise<void>;

export interface Events {
  subscribe(subscriber: Subscriber): void;
  /** Passes the event to the ledger and to every subscriber inside `tx`, in the order of subscription. */
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
      // The ledger comes first, so that the events of subscribers come after this one.
      tx.publish(event);
      for (const subscriber of subscribers) await subscriber(tx, event);
    },
  };
}

// What happened, told within the transaction in which it happened. A capability publishes; the ledger subscribes; neither
// knows the other. A subscriber that throws undoes the act: what cannot be recorded does not happen.
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

export type Subscriber = (tx: Tx, event: DomainEvent) => Promise<void>;

export interface Events {
  subscribe(subscriber: Subscriber): void;
  /** Tells every subscriber, in the order of subscription, inside `tx`. */
  publish(tx: Tx, event: DomainEvent): Promise<void>;
}

export function createEvents(): Events {
  const subscribers: Subscriber[] = [];
  return {
    subscribe: (subscriber) => void subscribers.push(subscriber),
    async publish(tx, event) {
      for (const subscriber of subscribers) await subscriber(tx, event);
    },
  };
}

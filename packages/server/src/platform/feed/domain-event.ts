// Events: the actor, the outcome and the subject of an act.

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

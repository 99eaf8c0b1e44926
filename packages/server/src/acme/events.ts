// The events of ACME for the ledger.
import type { Actor, DomainEvent } from '../platform/feed/events.ts';
import { truncated } from './problem.ts';
import type { Account } from './types.ts';

/** An account acts for its owner. Without an owner it is anonymous. */
export function actorOfAccount({ id, owner }: Pick<Account, 'id' | 'owner'>, address: string): Actor {
  return owner ? { ...owner, address } : { kind: 'anonymous', name: `acme:${id}`, address };
}

/** Whether the event creates or changes an account; its subject is the id of the account. */
export function isAccountEvent<E extends DomainEvent>(event: E): event is E & { subject: string } {
  return event.type.startsWith('acme.account_') && event.subject !== null;
}

export function acmeEvent(
  fact: string,
  actor: Actor,
  subject: string,
  data: DomainEvent['data'] = {},
): DomainEvent {
  return { type: `acme.${fact}`, actor, outcome: 'success', subject, data };
}

export function challengeFailed(
  account: Pick<Account, 'id' | 'owner'>,
  address: string,
  failure: { name: string; challenge: string; type: string; detail: string },
): DomainEvent {
  const { name, ...data } = failure;
  return {
    type: 'acme.challenge_failed',
    actor: actorOfAccount(account, address),
    outcome: 'failure',
    subject: name,
    data: { ...data, account: account.id },
  };
}

export function finalizationRefused(
  account: Pick<Account, 'id' | 'owner'>,
  address: string,
  refusal: { id: string; detail: string },
): DomainEvent {
  return {
    type: 'acme.finalization_refused',
    actor: actorOfAccount(account, address),
    outcome: 'failure',
    subject: refusal.id,
    data: { detail: truncated(refusal.detail), account: account.id },
  };
}

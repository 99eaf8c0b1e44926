// The events of OAuth for the ledger. The subject of an event about a client is its id.
import type { Actor, CommittedEvent, DomainEvent } from '../platform/feed/events.ts';

export const SYSTEM: Actor = { kind: 'system', name: 'gatehouse' };

export function oauthEvent(
  fact: string,
  actor: Actor,
  subject: string | null,
  data: DomainEvent['data'] = {},
): DomainEvent {
  return { type: `oauth.${fact}`, actor, outcome: 'success', subject, data };
}

/** The client that an event changed. */
export function changedClient({ type, subject }: CommittedEvent): readonly string[] {
  return type.startsWith('oauth.client_') && subject !== null ? [subject] : [];
}

/** The token or grant that an event revoked. */
export function revokedId({ type, subject }: CommittedEvent): readonly string[] {
  return type === 'oauth.revoked' && subject !== null ? [subject] : [];
}

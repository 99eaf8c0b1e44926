// The events of signing keys, for the ledger.
import type { Actor, DomainEvent } from '../platform/feed/events.ts';

/** In the order of a key's life. */
type KeyringEventType =
  | 'keyring.key_created'
  | 'keyring.key_put_in_force'
  | 'keyring.key_removed'
  | 'keyring.master_key_replaced';

export const SYSTEM: Actor = { kind: 'system', name: 'gatehouse' };

/** `subject` is the use of the key. */
export function keyringEvent(
  type: KeyringEventType,
  { use, kid }: { use: string; kid: string },
  actor: Actor,
): DomainEvent {
  return { type, actor, outcome: 'success', subject: use, data: { kid } };
}

export function isKeyringEvent({ type }: Pick<DomainEvent, 'type'>): boolean {
  return type.startsWith('keyring.');
}

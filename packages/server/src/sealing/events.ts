// The events of the keys of sealed requests, for the ledger.
import type { Actor, DomainEvent } from '../platform/feed/events.ts';

type SealingEventType = 'sealing.keys_created' | 'sealing.keys_removed';

const SYSTEM: Actor = { kind: 'system', name: 'gatehouse' };

/** `subject` is the epoch of the keys. */
export function sealingEvent(type: SealingEventType, epoch: number): DomainEvent {
  return { type, actor: SYSTEM, outcome: 'success', subject: String(epoch), data: { epoch } };
}

export function isSealingEvent({ type }: Pick<DomainEvent, 'type'>): boolean {
  return type.startsWith('sealing.');
}

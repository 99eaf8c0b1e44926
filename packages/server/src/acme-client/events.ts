// The events about certificates from ACME directories, for the ledger.
import type { Actor, DomainEvent } from '../platform/feed/events.ts';

const SYSTEM: Actor = { kind: 'system', name: 'gatehouse' };

export interface OrderFacts {
  names: readonly string[];
  directory: string;
}

export function obtainedEvent(
  { names, directory }: OrderFacts,
  { serialNumber, notAfter }: { serialNumber: string; notAfter: Date },
): DomainEvent {
  return {
    type: 'acme-client.certificate_obtained',
    actor: SYSTEM,
    outcome: 'success',
    subject: names[0] ?? null,
    data: { names: [...names], directory, serialNumber, notAfter: notAfter.toISOString() },
  };
}

export function failedEvent(
  { names, directory }: OrderFacts,
  { reason, retryAt }: { reason: string; retryAt: number },
): DomainEvent {
  return {
    type: 'acme-client.order_failed',
    actor: SYSTEM,
    outcome: 'failure',
    subject: names[0] ?? null,
    data: { names: [...names], directory, reason, retryAt: new Date(retryAt).toISOString() },
  };
}

// What the ledger hears of the certificate authority.
import type { DomainEvent } from '../platform/events.ts';

export function issuedEvent(
  certificate: { serialNumber: string; notAfter: Date },
  profile: string,
  names: string[],
): DomainEvent {
  return {
    type: 'ca.certificate_issued',
    actor: { kind: 'system', name: 'gatehouse' },
    outcome: 'success',
    subject: certificate.serialNumber,
    data: { profile, names, notAfter: certificate.notAfter.toISOString() },
  };
}

// Lines of the log about handshakes: every refused client certificate, and other failures at debug level.
import type { HandshakeFacts } from '@gatehouse/dataplane';
import { isCertificateFailure } from '@gatehouse/dataplane';
import type { Log } from '../../platform/log/log.ts';

export function logHandshakes(log: Log, records: readonly HandshakeFacts[], lost: number): void {
  if (lost > 0) log.event('gateway.handshakes_lost', { lost });
  for (const { peerCertificate, failure, address } of records) {
    // If Node refuses a certificate, it reports only the failure.
    const flaw =
      peerCertificate?.error ?? (failure !== null && isCertificateFailure(failure) ? failure : null);
    if (flaw !== null) log.event('tls.client_certificate_refused', { reason: flaw, address });
    else if (failure !== null) log.event('tls.handshake_failed', { reason: failure, address });
  }
}

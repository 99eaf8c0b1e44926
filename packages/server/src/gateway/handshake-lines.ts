// Lines of the log about handshakes: every refused client certificate, and other failures at debug level.
import type { HandshakeFacts } from '@gatehouse/dataplane';
import { isCertificateFailure } from '@gatehouse/dataplane';
import type { Log } from '../platform/log.ts';

export function logHandshakes(log: Log, records: readonly HandshakeFacts[], lost: number): void {
  if (lost > 0) log.warn({ lost }, 'a gateway worker dropped records of handshakes');
  for (const { peerCertificate, failure, address } of records) {
    // Node tells a certificate that it refuses only by the failure.
    const flaw =
      peerCertificate?.error ?? (failure !== null && isCertificateFailure(failure) ? failure : null);
    if (flaw !== null) log.info({ reason: flaw, address }, 'client certificate refused');
    else if (failure !== null) log.debug({ reason: failure, address }, 'TLS handshake failed');
  }
}

// The facts about a handshake for the control plane. The certificate of the client is read here, in the
// process that has its octets; only its serial number is sent to the server.
import { presentedBy } from '@gatehouse/access';
import { readCertificate, X509Error } from '@gatehouse/x509/reading';
import type { HandshakeRecord, PeerCertificate } from '../transport/transport.ts';

/** The facts about one handshake. A value that TLS did not negotiate is null. */
export interface HandshakeFacts {
  /** Milliseconds since the epoch. */
  time: number;
  address: string;
  version: string | null;
  cipher: string | null;
  group: string | null;
  sni: string | null;
  alpn: string | null;
  resumed: boolean;
  peerCertificate: PeerCertificateFacts | null;
  durationMs: number;
  /** In words; null for a handshake that succeeded. */
  failure: string | null;
}

/** The facts about the certificate of a client. */
export interface PeerCertificateFacts {
  /** Lower-case hex; null if the certificate cannot be read. */
  serialNumber: string | null;
  /** The reason why it cannot identify a caller, in words; null if it can. */
  error: string | null;
}

/**
 * Makes plain data of a record.
 * @example
 * send(handshakeFacts(record));
 */
export function handshakeFacts(record: HandshakeRecord): HandshakeFacts {
  const { time, address, sni, tls, durationMs, failure } = record;
  return {
    time,
    address,
    version: tls?.version ?? null,
    cipher: tls?.cipher ?? null,
    group: tls?.group ?? null,
    sni: sni ?? null,
    alpn: tls?.alpn ?? null,
    resumed: tls?.resumed ?? false,
    peerCertificate: tls?.peerCertificate ? peerCertificateFacts(tls.peerCertificate) : null,
    durationMs,
    failure: failure ?? null,
  };
}

function peerCertificateFacts(certificate: PeerCertificate): PeerCertificateFacts {
  return {
    serialNumber: serialNumberOf(certificate.der),
    error: presentedBy(certificate).flaw ?? null,
  };
}

function serialNumberOf(der: Uint8Array): string | null {
  try {
    return readCertificate(der).serialNumber;
  } catch (error) {
    if (error instanceof X509Error) return null;
    throw error;
  }
}

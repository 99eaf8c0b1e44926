// The facts about a handshake for the control plane. This process has the octets of the client's certificate,
// so it reads them here. The server gets only the serial number.
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
  /** A sentence; null for a successful handshake. */
  failure: string | null;
}

/** The facts about the certificate of a client. */
export interface PeerCertificateFacts {
  /** Lower-case hex; null if the certificate cannot be read. */
  serialNumber: string | null;
  /** Why it cannot identify a caller, as a sentence; null if it can. */
  error: string | null;
}

/**
 * Turns a record into plain data.
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

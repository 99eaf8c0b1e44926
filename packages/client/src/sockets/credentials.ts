// The PEM that both sides of a TLS connection are given: roots, a certificate chain and its key. Refuses what
// OpenSSL would skip in silence.
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { checkServerIdentity, type PeerCertificate, type SecureContextOptions } from 'node:tls';

/** Whom a side of the connection trusts, and what it shows of itself. All are PEM. */
export interface TlsCredentials {
  /** The roots that the other side's certificate must lead to. */
  ca?: string;
  /** The certificate of this side, and after it the intermediates. */
  certificate?: string;
  /** The private key of `certificate`. */
  key?: string;
}

/** Throws `TypeError` for PEM that cannot be used. */
export function secureContextOf({ ca, certificate, key }: TlsCredentials): SecureContextOptions {
  return {
    minVersion: 'TLSv1.2',
    ...(ca === undefined ? {} : { ca: certificatesIn(ca) }),
    ...pairOf(certificate, key),
  };
}

/** Only subjectAltName names a server (RFC 9525 §2). Node would also accept the common name. */
export function checkSubjectAltName(hostname: string, certificate: PeerCertificate): Error | undefined {
  return checkServerIdentity(hostname, { ...certificate, subject: { ...certificate.subject, CN: '' } });
}

function certificatesIn(pem: string): string[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0 || !blocks.every(isCertificate)) {
    throw new TypeError('ca must be PEM with one or more certificates');
  }
  return blocks;
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}

function pairOf(certificate: string | undefined, key: string | undefined): SecureContextOptions {
  if (certificate === undefined && key === undefined) return {};
  const cert = withoutByteOrderMarks(certificate ?? '');
  const pair = { cert, key: withoutByteOrderMarks(key ?? '') };
  if (!isPair(pair))
    throw new TypeError('certificate and key must be the PEM of a certificate and of its key');
  return pair;
}

/** OpenSSL does not find a PEM block after a byte order mark. */
function withoutByteOrderMarks(pem: string): string {
  return pem.replaceAll('\uFEFF', '');
}

function isPair({ cert, key }: { cert: string; key: string }): boolean {
  try {
    return new X509Certificate(cert).checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}

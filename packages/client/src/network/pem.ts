// Checks the PEM of roots, chains and keys, because OpenSSL silently skips unreadable parts. Also checks a
// server's name.
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';

/** Throws `TypeError` for an unreadable certificate. OpenSSL would skip it and trust only the others. */
export function certificatesIn(pem: string): string[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0 || !blocks.every(isCertificate)) {
    throw new TypeError('ca must be PEM with one or more certificates');
  }
  return blocks;
}

/**
 * A chain and its key, without a passphrase. Throws `TypeError` unless the key belongs to the first
 * certificate.
 */
export function pairOf(
  certificate: string | undefined,
  key: string | undefined,
  passphrase?: string,
): { cert: string; key: string } {
  if (certificate === undefined || key === undefined)
    throw new TypeError('certificate and key must be given together');
  const cert = withoutByteOrderMarks(certificate);
  const privateKey = readPrivateKey(withoutByteOrderMarks(key), passphrase);
  if (privateKey === undefined || !isPair(cert, privateKey)) {
    throw new TypeError(
      'certificate must be the PEM of a certificate chain, and key that of its private key',
    );
  }
  return { cert, key: privateKey };
}

/** Only subjectAltName names a server (RFC 9525 §2). Node would also accept the common name. */
export function checkSubjectAltName(hostname: string, certificate: PeerCertificate): Error | undefined {
  return checkServerIdentity(hostname, { ...certificate, subject: { ...certificate.subject, CN: '' } });
}

/** OpenSSL does not find a PEM block after a byte order mark. Joined files have several. */
function withoutByteOrderMarks(pem: string): string {
  return pem.replaceAll('\uFEFF', '');
}

/** The key as PEM without a passphrase. */
function readPrivateKey(key: string, passphrase: string | undefined): string | undefined {
  try {
    const read = createPrivateKey(passphrase === undefined ? key : { key, passphrase });
    return read.export({ type: 'pkcs8', format: 'pem' }).toString();
  } catch {
    return undefined;
  }
}

function isPair(chain: string, key: string): boolean {
  try {
    return new X509Certificate(chain).checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}

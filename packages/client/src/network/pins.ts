// Pins of public keys: one certificate of the server's chain must have a key whose SHA-256 is pinned. Only
// certificates that signatures link to the server's own count, so that a server cannot add a pinned one.
import { createHash, X509Certificate } from 'node:crypto';
import type { DetailedPeerCertificate } from 'node:tls';

/** The server's certificate, and each one that signed the one before. */
export function chainOf(certificate: DetailedPeerCertificate | undefined): X509Certificate[] {
  const chain: X509Certificate[] = [];
  let next = certificate;
  while (next?.raw !== undefined) {
    const read = new X509Certificate(next.raw);
    const last = chain.at(-1);
    if (last !== undefined && !last.verify(read.publicKey)) break;
    chain.push(read);
    if (next.issuerCertificate === next) break;
    next = next.issuerCertificate;
  }
  return chain;
}

/** The pin of a certificate's public key: `sha256/` and base64 (RFC 7469 §2.4). */
export function pinOf(certificate: X509Certificate): string {
  const spki = certificate.publicKey.export({ type: 'spki', format: 'der' });
  return `sha256/${createHash('sha256').update(spki).digest('base64')}`;
}

/** Whether a certificate of the chain is pinned. Without pins every chain is accepted. */
export function matchesPins(chain: readonly X509Certificate[], pins: readonly string[]): boolean {
  return pins.length === 0 || chain.some((certificate) => pins.includes(pinOf(certificate)));
}

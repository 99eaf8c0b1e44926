// Rules for everything that signs with an authority's certificate: issuers, revocation lists and OCSP
// responders. Refuses a key that does not belong to the certificate.
import { X509Error } from '../errors.ts';
import type { Signer } from '../keys/signer.ts';
import { keyIdentifier } from '../keys/spki.ts';
import type { ParsedCertificate } from '../read/parse-certificate.ts';

/**
 * The key identifier in an authority's certificate. Without one it is computed from the key (RFC 5280
 * §4.2.1.1).
 */
export function keyIdentifierOf({ subjectKeyIdentifier: hex, spki }: ParsedCertificate): Uint8Array {
  return hex === undefined ? keyIdentifier(spki) : Buffer.from(hex, 'hex');
}

/**
 * Checks that a signer has the key of a certificate.
 * @throws X509Error `issuer_invalid`
 */
export function requireOwnKey(certificate: ParsedCertificate, signer: Signer): void {
  if (Buffer.compare(certificate.spki, signer.publicKey) !== 0) {
    throw new X509Error(
      'issuer_invalid',
      "the key does not belong to the issuer's certificate; use the key that does",
    );
  }
}

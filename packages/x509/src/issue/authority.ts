// What holds for whoever signs with an authority's certificate: issuers, lists of the revoked, OCSP responders.
// Refuses a key that is not the certificate's.
import { X509Error } from '../errors.ts';
import type { Signer } from '../keys/signer.ts';
import { keyIdentifier } from '../keys/spki.ts';
import type { ParsedCertificate } from '../read/parse-certificate.ts';

/** The key identifier that an authority's certificate claims, else the one made of its key (RFC 5280 §4.2.1.1). */
export function keyIdentifierOf({ subjectKeyIdentifier: hex, spki }: ParsedCertificate): Uint8Array {
  return hex === undefined ? keyIdentifier(spki) : Buffer.from(hex, 'hex');
}

/**
 * Checks that a signer holds the key of a certificate.
 * @throws X509Error `issuer_invalid`
 */
export function requireOwnKey(certificate: ParsedCertificate, signer: Signer): void {
  if (Buffer.compare(certificate.spki, signer.publicKey) !== 0) {
    throw new X509Error('issuer_invalid', "the key is not the one in the issuer's certificate");
  }
}

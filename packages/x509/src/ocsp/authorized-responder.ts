// Who may answer OCSP requests (RFC 6960 §4.2.2.2): the issuer itself, or a responder with a certificate of
// this issuer. Refuses responders with a certificate of another issuer, without OCSPSigning, or with unknown
// critical extensions.
import type { ParsedCertificate } from '../read/parse-certificate.ts';
import { verifySignature } from '../verify/verify-signature.ts';

/**
 * Whether the key of a certificate may sign answers about certificates of this issuer. Dates are not checked
 * here.
 * @throws X509Error for a signature with an unsupported algorithm
 */
export function mayAnswerFor(responder: ParsedCertificate, issuer: ParsedCertificate): boolean {
  if (Buffer.compare(responder.der, issuer.der) === 0) return true;
  return (
    Buffer.compare(responder.issuer.der, issuer.subject.der) === 0 &&
    responder.extendedKeyUsage?.includes('OCSPSigning') === true &&
    responder.keyUsage?.includes('digitalSignature') !== false &&
    responder.uninterpretedCritical.length === 0 &&
    verifySignature(responder, issuer.spki)
  );
}

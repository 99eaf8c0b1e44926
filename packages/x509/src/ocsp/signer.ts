// Who may answer OCSP requests (RFC 6960 §4.2.2.2): the issuer itself, or whom the issuer directly certified for it.
// Refuses responders that are certified by anyone else, that lack OCSPSigning, and that have unknown critical extensions.
import type { ParsedCertificate } from '../read/parse-certificate.ts';
import { verifySignature } from '../verify/verify-signature.ts';

/**
 * Whether a certificate's key may sign answers about what this issuer issued. Dates are not judged here.
 * @throws X509Error for a signature by an algorithm that is not supported
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

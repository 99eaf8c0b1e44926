// Verifies an OCSP response (RFC 6960 §3.2): it is about the certificate, signed by an authorized responder,
// current, and an answer to this request. Refuses everything else.
import { hash } from 'node:crypto';
import { readDer } from '../der/read.ts';
import { X509Error } from '../errors.ts';
import { readKeyBits } from '../keys/spki.ts';
import { type ParsedCertificate, readCertificate } from '../read/parse-certificate.ts';
import { verifySignature } from '../verify/verify-signature.ts';
import { mayAnswerFor } from './authorized-responder.ts';
import { CERT_ID_HASHES, hashIssuer, isSameIssuer } from './cert-id.ts';
import type { BasicOcspResponse, OcspAnswer, OcspResponse, ResponderId } from './parse-response.ts';
import { requireUnderstood } from './request.ts';
import type { OcspStatus } from './status.ts';

/** The expected contents of a response. */
export interface OcspExpectation {
  /** PEM or DER: the certificate that the request asked about. */
  readonly certificate: string | Uint8Array;
  /** PEM or DER: its issuer, which the caller trusts. */
  readonly issuer: string | Uint8Array;
  readonly at: Date;
  /** The nonce of the request. The response must repeat it. */
  readonly nonce?: Uint8Array;
}

/**
 * Verifies a response, and returns the status of the certificate. Whether a delegated signer is revoked is
 * not checked: issuers give its certificate a short life or id-pkix-ocsp-nocheck (RFC 6960 §4.2.2.2.1).
 * @throws X509Error `ocsp_invalid`, `ocsp_stale` for an answer that is not current, and others for unreadable
 * certificates
 * @example
 * const expected = { certificate, issuer, at: new Date(), nonce };
 * const { status } = verifyOcspResponse(readOcspResponse(body), expected);
 */
export function verifyOcspResponse(response: OcspResponse, expected: OcspExpectation): OcspStatus {
  const { basic, responseStatus } = response;
  if (basic === undefined) throw invalid(`the responder gave no answer: ${responseStatus}`);
  const issuer = readCertificate(expected.issuer);
  const answer = answerAbout(readCertificate(expected.certificate), { issuer, answers: basic.answers });
  requireUnderstood(basic.uninterpretedCritical);
  requireNonce(basic, expected.nonce);
  requireSigner(basic, { issuer, at: expected.at });
  requireFresh(answer, expected.at);
  return answer.status;
}

const CLOCK_SKEW_MS = 5 * 60 * 1000;

function answerAbout(
  { serialNumber }: ParsedCertificate,
  { issuer, answers }: { readonly issuer: ParsedCertificate; readonly answers: readonly OcspAnswer[] },
): OcspAnswer {
  const issuers = CERT_ID_HASHES.map((algorithm) => hashIssuer(issuer, algorithm));
  const matches = answers.filter(
    (answer) => answer.serialNumber === serialNumber && issuers.some((each) => isSameIssuer(each, answer)),
  );
  const [answer] = matches;
  if (answer === undefined) throw invalid('the answer is about other certificates');
  if (matches.length > 1) throw invalid('the response has several answers about the certificate');
  return answer;
}

function requireNonce({ nonce }: BasicOcspResponse, expected: Uint8Array | undefined): void {
  if (expected === undefined) return;
  if (nonce === undefined) throw invalid('the answer lacks the nonce of the request (RFC 9654 §2.1)');
  if (Buffer.compare(nonce, expected) !== 0)
    throw invalid('the nonce differs: this is the answer to another request');
}

/**
 * The signer is the issuer, or the owner of a certificate in the response that the response names as its
 * signer.
 */
function requireSigner(
  basic: BasicOcspResponse,
  { issuer, at }: { readonly issuer: ParsedCertificate; readonly at: Date },
): void {
  const signer = isNamedBy(basic.responderId, issuer)
    ? issuer
    : basic.certificates
        .slice(0, MAX_CERTIFICATES)
        .map(readCertificate)
        .find((each) => isNamedBy(basic.responderId, each));
  if (signer === undefined) throw invalid("the response does not contain the signer's certificate");
  if (!mayAnswerFor(signer, issuer))
    throw invalid('the signer may not answer for this issuer (RFC 6960 §4.2.2.2)');
  if (at < signer.notBefore || at.getTime() >= signer.notAfter.getTime() + 1000) {
    throw invalid("the signer's certificate is not valid at this time");
  }
  if (!verifySignature(basic, signer.spki)) throw invalid('the signature is not valid');
}

const MAX_CERTIFICATES = 8;

function isNamedBy(responderId: ResponderId, { subject, spki }: ParsedCertificate): boolean {
  if ('name' in responderId) return Buffer.compare(responderId.name, subject.der) === 0;
  return responderId.keyHash === hash('sha1', readDer(spki, readKeyBits), 'hex');
}

/**
 * Without nextUpdate there may be newer information at any time (RFC 6960 §4.2.2.1): the answer is valid only
 * at thisUpdate.
 */
function requireFresh({ thisUpdate, nextUpdate = thisUpdate }: OcspAnswer, at: Date): void {
  const now = at.getTime();
  if (thisUpdate.getTime() > now + CLOCK_SKEW_MS) {
    throw new X509Error(
      'ocsp_stale',
      `the answer is not valid before ${thisUpdate.toISOString()}; check the clock`,
    );
  }
  if (nextUpdate.getTime() < now - CLOCK_SKEW_MS) {
    throw new X509Error('ocsp_stale', `the answer expired at ${nextUpdate.toISOString()}; ask again`);
  }
}

function invalid(detail: string): X509Error {
  return new X509Error('ocsp_invalid', detail);
}

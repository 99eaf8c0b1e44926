// Answers OCSP requests (RFC 6960 §4.2) with a key that the issuer certified for this purpose. Each answer
// contains the certificate of that key, and does not outlive it. Refuses certificates that may not answer for
// the issuer. Other issuers' certificates are `unknown`.
import { hash } from 'node:crypto';
import { readDer } from '../der/read.ts';
import {
  bitString,
  type Der,
  encodeDer,
  enumerated,
  explicit,
  generalizedTime,
  implicit,
  nullValue,
  objectIdentifier,
  octetString,
  sequence,
} from '../der/write.ts';
import { X509Error } from '../errors.ts';
import { requireOwnKey } from '../issue/authority.ts';
import { ocspNonce } from '../issue/extensions.ts';
import { encodeSignatureAlgorithm, type Signer } from '../keys/signer.ts';
import { readKeyBits } from '../keys/spki.ts';
import { OCSP } from '../oids.ts';
import { type ParsedCertificate, readCertificate } from '../read/parse-certificate.ts';
import { reasonToWrite } from '../revocation-reason.ts';
import { mayAnswerFor } from './authorized-responder.ts';
import { CERT_ID_HASHES, type CertId, hashIssuer, isSameIssuer } from './cert-id.ts';
import type { OcspRequest } from './request.ts';
import { OCSP_RESPONSE_STATUS, type OcspError, type OcspStatus } from './status.ts';

/** The responder, and the issuer that it answers for. */
export interface OcspAuthority {
  /** PEM or DER: the certificate of a delegated responder, or that of the issuer. */
  readonly certificate: string | Uint8Array;
  /** PEM or DER. */
  readonly issuer: string | Uint8Array;
  readonly signer: Signer;
}

/** The statuses to answer with. Answers have whole seconds: fractions of the dates are dropped. */
export interface OcspKnowledge {
  /** The status of a certificate of this issuer. The serial number is lower-case hex. */
  statusOf(serialNumber: string): OcspStatus;
  /** The end of that certificate, if known: the answer about it does not last longer. */
  notAfterOf?(serialNumber: string): Date | undefined;
  /** When the statuses were last known to be right. */
  readonly thisUpdate: Date;
  /**
   * When newer statuses will be available. The answer ends earlier if the responder's certificate ends
   * earlier.
   */
  readonly nextUpdate: Date;
  readonly producedAt: Date;
}

/** Answers requests about the certificates of one issuer. */
export interface OcspResponder {
  /**
   * The signed answer to every part of a request, in DER.
   * @throws X509Error `certificate_expired` when the responder's own certificate has expired
   */
  respond(request: OcspRequest, knowledge: OcspKnowledge): Buffer;
  /** Whether this responder's issuer issued the certificate. */
  isFor(certId: CertId): boolean;
}

/**
 * Creates a responder for many requests.
 * @throws X509Error `issuer_invalid` if the certificate may not answer for the issuer, or if the signer has
 * another key
 * @example
 * const responder = createOcspResponder({ certificate: delegate.pem, issuer: issuerPem, signer });
 * const answer = responder.respond(readOcspRequest(body), { statusOf, thisUpdate, nextUpdate, producedAt });
 */
export function createOcspResponder({ certificate, issuer, signer }: OcspAuthority): OcspResponder {
  const [delegate, authority] = [readCertificate(certificate), readCertificate(issuer)];
  if (!mayAnswerFor(delegate, authority)) {
    throw new X509Error(
      'issuer_invalid',
      'the certificate may not answer for this issuer (RFC 6960 §4.2.2.2)',
    );
  }
  requireOwnKey(delegate, signer);
  const issuers = CERT_ID_HASHES.map((algorithm) => hashIssuer(authority, algorithm));
  const responderId = encodeDer(
    explicit(BY_KEY, octetString(hash('sha1', readDer(delegate.spki, readKeyBits), 'buffer'))),
  );
  const algorithm = encodeSignatureAlgorithm(signer.algorithm);
  const certificates = encodeDer(explicit(CERTIFICATES, sequence(delegate.der)));
  const isFor = (certId: CertId) => issuers.some((each) => isSameIssuer(each, certId));
  return {
    isFor,
    respond: ({ requests, nonce }, knowledge) => {
      const limited = { ...knowledge, nextUpdate: latestEnd(delegate, knowledge) };
      const answers = requests.map((certId) =>
        isFor(certId) ? answerAbout(certId, limited) : singleResponse(certId, UNKNOWN, limited),
      );
      const extensions = nonce === undefined ? [] : [explicit(EXTENSIONS, sequence(ocspNonce(nonce)))];
      const producedAt = generalizedTime(knowledge.producedAt);
      const data = encodeDer(sequence(responderId, producedAt, sequence(...answers), ...extensions));
      return encodeResponse(sequence(data, algorithm, bitString(signer.sign(data)), certificates));
    },
  };
}

/**
 * Writes an unsigned answer, which says why there is no signed one (RFC 6960 §2.3).
 * @example
 * const body = encodeOcspError('malformedRequest');
 */
export function encodeOcspError(status: OcspError): Buffer {
  return encodeDer(sequence(enumerated(OCSP_RESPONSE_STATUS[status])));
}

/**
 * Tag numbers of ResponderID, BasicOCSPResponse, ResponseData, OCSPResponse, CertStatus and RevokedInfo (RFC
 * 6960 §4.2.1).
 */
const BY_KEY = 2;
const CERTIFICATES = 0;
const EXTENSIONS = 1;
const RESPONSE_BYTES = 0;
const NEXT_UPDATE = 0;
const REVOKED = 1;
const REASON = 0;

/** `notAfter` is the last second in which a certificate is valid. */
const LAST_SECOND_MS = 1000;

const GOOD_STATUS = encodeDer(implicit(0, nullValue()));
const UNKNOWN_STATUS = encodeDer(implicit(2, nullValue()));
const SUCCESSFUL = encodeDer(enumerated(OCSP_RESPONSE_STATUS.successful));
const BASIC_RESPONSE = encodeDer(objectIdentifier(OCSP.basicResponse));
const UNKNOWN: OcspStatus = { status: 'unknown' };

function encodeResponse(basicResponse: Der): Buffer {
  const responseBytes = sequence(BASIC_RESPONSE, octetString(basicResponse));
  return encodeDer(sequence(SUCCESSFUL, explicit(RESPONSE_BYTES, responseBytes)));
}

/**
 * Clients check the responder's certificate at the time of use, so an answer must not be valid longer.
 * @throws X509Error `certificate_expired`
 */
function latestEnd({ notAfter }: ParsedCertificate, { producedAt, nextUpdate }: OcspKnowledge): Date {
  if (producedAt.getTime() < notAfter.getTime() + LAST_SECOND_MS) return earlier(nextUpdate, notAfter);
  throw new X509Error(
    'certificate_expired',
    `the responder's certificate expired at ${notAfter.toISOString()}; create a responder with a new one`,
  );
}

/**
 * The answer about an expired certificate is valid only at thisUpdate, because it cannot end before it
 * begins.
 */
function answerAbout(certId: CertId, knowledge: OcspKnowledge): Der {
  const { thisUpdate, nextUpdate } = knowledge;
  const { serialNumber } = certId;
  const end = earlier(nextUpdate, knowledge.notAfterOf?.(serialNumber) ?? nextUpdate);
  return singleResponse(certId, knowledge.statusOf(serialNumber), {
    thisUpdate,
    nextUpdate: end < thisUpdate ? thisUpdate : end,
  });
}

function earlier(one: Date, other: Date): Date {
  return one < other ? one : other;
}

function singleResponse(
  { certId }: CertId,
  status: OcspStatus,
  { thisUpdate, nextUpdate }: Pick<OcspKnowledge, 'thisUpdate' | 'nextUpdate'>,
): Der {
  const until = explicit(NEXT_UPDATE, generalizedTime(nextUpdate));
  return sequence(certId, certStatus(status), generalizedTime(thisUpdate), until);
}

function certStatus(status: OcspStatus): Der {
  if (status.status !== 'revoked') return status.status === 'good' ? GOOD_STATUS : UNKNOWN_STATUS;
  const code = reasonToWrite(status.reason);
  const reason = code === undefined ? [] : [explicit(REASON, enumerated(code))];
  return implicit(REVOKED, sequence(generalizedTime(status.revokedAt), ...reason));
}

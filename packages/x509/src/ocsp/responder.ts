// Answering OCSP requests (RFC 6960 §4.2) with a key that the issuer certified for it, which the answers carry along.
// Refuses certificates that may not answer for the issuer. Certificates of other issuers are `unknown`.
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
import { ocspNonce } from '../extensions.ts';
import { requireOwnKey } from '../issue/authority.ts';
import { encodeSignatureAlgorithm, type Signer } from '../keys/signer.ts';
import { readKeyBits } from '../keys/spki.ts';
import { OCSP } from '../oids.ts';
import { readCertificate } from '../read/parse-certificate.ts';
import { reasonToWrite } from '../revocation-reason.ts';
import { CERT_ID_HASHES, type CertId, hashIssuer, isSameIssuer } from './cert-id.ts';
import type { OcspRequest } from './request.ts';
import { mayAnswerFor } from './signer.ts';
import { OCSP_RESPONSE_STATUS, type OcspError, type OcspStatus } from './status.ts';

/** Who answers, for whose certificates. */
export interface OcspAuthority {
  /** PEM or DER: the delegated signer's certificate, or the issuer's own. */
  readonly certificate: string | Uint8Array;
  /** PEM or DER. */
  readonly issuer: string | Uint8Array;
  readonly signer: Signer;
}

/** What to answer. Answers count whole seconds: fractions of the dates are dropped. */
export interface OcspKnowledge {
  /** The status of a certificate of this issuer; the serial number is lower-case hex. */
  statusOf(serialNumber: string): OcspStatus;
  /** When the statuses were last known to be right. */
  readonly thisUpdate: Date;
  /** When newer ones will be known. */
  readonly nextUpdate: Date;
  readonly producedAt: Date;
}

/** A responder for one issuer. */
export interface OcspResponder {
  /** The signed answer to every part of a request, in DER. */
  respond(request: OcspRequest, knowledge: OcspKnowledge): Buffer;
  /** Whether a certificate is one of this responder's issuer. */
  isFor(certId: CertId): boolean;
}

/**
 * A responder for many requests.
 * @throws X509Error `issuer_invalid` where the certificate may not answer for the issuer, or belongs to another key
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
      const answers = requests.map((certId) =>
        singleResponse(certId, isFor(certId) ? knowledge.statusOf(certId.serialNumber) : UNKNOWN, knowledge),
      );
      const extensions = nonce === undefined ? [] : [explicit(EXTENSIONS, sequence(ocspNonce(nonce)))];
      const producedAt = generalizedTime(knowledge.producedAt);
      const data = encodeDer(sequence(responderId, producedAt, sequence(...answers), ...extensions));
      return encodeResponse(sequence(data, algorithm, bitString(signer.sign(data)), certificates));
    },
  };
}

/** An answer that says why there is none; it is not signed (RFC 6960 §2.3). */
export function encodeOcspError(status: OcspError): Buffer {
  return encodeDer(sequence(enumerated(OCSP_RESPONSE_STATUS[status])));
}

/** Tag numbers of ResponderID, BasicOCSPResponse, ResponseData, OCSPResponse, CertStatus and RevokedInfo (RFC 6960 §4.2.1). */
const BY_KEY = 2;
const CERTIFICATES = 0;
const EXTENSIONS = 1;
const RESPONSE_BYTES = 0;
const NEXT_UPDATE = 0;
const REVOKED = 1;
const REASON = 0;

const GOOD_STATUS = encodeDer(implicit(0, nullValue()));
const UNKNOWN_STATUS = encodeDer(implicit(2, nullValue()));
const SUCCESSFUL = encodeDer(enumerated(OCSP_RESPONSE_STATUS.successful));
const BASIC_RESPONSE = encodeDer(objectIdentifier(OCSP.basicResponse));
const UNKNOWN: OcspStatus = { status: 'unknown' };

function encodeResponse(basicResponse: Der): Buffer {
  const responseBytes = sequence(BASIC_RESPONSE, octetString(basicResponse));
  return encodeDer(sequence(SUCCESSFUL, explicit(RESPONSE_BYTES, responseBytes)));
}

function singleResponse(
  { certId }: CertId,
  status: OcspStatus,
  { thisUpdate, nextUpdate }: OcspKnowledge,
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

// Reads OCSP responses (RFC 6960 §4.2). `verify-response.ts` verifies them. Refuses more than 64 KiB, types
// of response other than the basic one, and times other than GeneralizedTime in whole seconds.
import { type DerReader, readDer } from '../der/read.ts';
import { CONSTRUCTED, CONTEXT_SPECIFIC, TAG } from '../der/tags.ts';
import { DerError, X509Error } from '../errors.ts';
import { readName } from '../names/name.ts';
import { OCSP } from '../oids.ts';
import { type ExtensionReader, type ReadExtensions, readExtensionList } from '../read/extension-list.ts';
import { type RevocationReason, readReason } from '../revocation-reason.ts';
import { readSignedFields } from '../signed.ts';
import type { SignedOctets } from '../verify/verify-signature.ts';
import { type CertId, readCertId } from './cert-id.ts';
import { readNonce } from './request.ts';
import { OCSP_RESPONSE_STATUS, type OcspResponseStatus, type OcspStatus } from './status.ts';

/** The signer: the DER of its name, or the SHA-1 of its public key in lower-case hex. */
export type ResponderId = { readonly name: Uint8Array } | { readonly keyHash: string };

/** The answer about one certificate. */
export interface OcspAnswer extends CertId {
  readonly status: OcspStatus;
  readonly thisUpdate: Date;
  readonly nextUpdate?: Date;
}

/** A signed answer. `uninterpretedCritical` also lists extensions of the single answers. */
export interface BasicOcspResponse extends SignedOctets, ReadExtensions {
  readonly responderId: ResponderId;
  readonly producedAt: Date;
  readonly answers: readonly OcspAnswer[];
  readonly nonce?: Uint8Array;
  /** DER, not read yet. */
  readonly certificates: readonly Uint8Array[];
}

/** The contents of a response. Octets are views of one private copy of the input. */
export interface OcspResponse {
  readonly der: Uint8Array;
  readonly responseStatus: OcspResponseStatus;
  /** Present if `responseStatus` is `successful`. */
  readonly basic?: BasicOcspResponse;
}

/**
 * Reads a response. `verifyOcspResponse` verifies it.
 * @throws DerError, X509Error `ocsp_invalid`
 * @example
 * const { responseStatus } = readOcspResponse(new Uint8Array(await answer.arrayBuffer()));
 */
export function readOcspResponse(der: Uint8Array): OcspResponse {
  if (der.length > MAX_BYTES)
    throw new X509Error(
      'ocsp_invalid',
      `the response has ${der.length} octets; at most ${MAX_BYTES} are read`,
    );
  const copy = Buffer.from(der);
  return { der: copy, ...readDer(copy, readResponse) };
}

const MAX_BYTES = 64 * 1024;
const MAX_STATUS = 6;
const STATUS_OF_CODE: ReadonlyMap<number, OcspResponseStatus> = new Map(
  (Object.keys(OCSP_RESPONSE_STATUS) as OcspResponseStatus[]).map((name) => [
    OCSP_RESPONSE_STATUS[name],
    name,
  ]),
);

const RESPONSE_BYTES = 0;
const CERTIFICATES_TAG = CONTEXT_SPECIFIC | CONSTRUCTED | 0;
const BY_NAME_TAG = CONTEXT_SPECIFIC | CONSTRUCTED | 1;
const BY_KEY = 2;
const NEXT_UPDATE_TAG = CONTEXT_SPECIFIC | CONSTRUCTED | 0;
const EXTENSIONS = 1;
const GOOD_TAG = CONTEXT_SPECIFIC | 0;
const REVOKED_TAG = CONTEXT_SPECIFIC | CONSTRUCTED | 1;
const UNKNOWN_TAG = CONTEXT_SPECIFIC | 2;
const REASON = 0;

const NO_EXTENSIONS: ReadExtensions = { uninterpretedCritical: [] };
const RESPONSE_READERS: ReadonlyMap<string, ExtensionReader<{ readonly nonce: Uint8Array }>> = new Map([
  [OCSP.nonce, readNonce],
]);

function readResponse(reader: DerReader): Omit<OcspResponse, 'der'> {
  return reader.sequence((response) => {
    const { offset } = response;
    const responseStatus = STATUS_OF_CODE.get(response.enumerated(MAX_STATUS));
    if (responseStatus === undefined)
      throw new DerError('not an OCSPResponseStatus (RFC 6960 §4.2.1)', offset);
    if (responseStatus !== 'successful') return { responseStatus };
    return { responseStatus, basic: response.context(RESPONSE_BYTES, readResponseBytes) };
  });
}

function readResponseBytes(reader: DerReader): BasicOcspResponse {
  return reader.sequence((fields) => {
    const { offset } = fields;
    if (fields.objectIdentifier() !== OCSP.basicResponse) {
      throw new DerError('not a basic response (RFC 6960 §4.2.1)', offset);
    }
    return fields.within(TAG.octetString, (octets) => octets.sequence(readBasicResponse));
  });
}

function readBasicResponse(fields: DerReader): BasicOcspResponse {
  const signed = readSignedFields(fields, readResponseData);
  const certificates =
    fields.nextTag === CERTIFICATES_TAG
      ? fields.context(0, (field) => field.sequence((list) => list.list((each) => each.element().bytes)))
      : [];
  return { ...signed, certificates };
}

function readResponseData(reader: DerReader): Omit<BasicOcspResponse, 'certificates' | keyof SignedOctets> {
  return reader.sequence((data) => {
    const responderId = readResponderId(data);
    const producedAt = data.generalizedTime();
    const singles = data.sequence((list) => list.nonEmptyList(readSingleResponse));
    const { uninterpretedCritical, ...extensions } = data.atEnd
      ? NO_EXTENSIONS
      : data.context(EXTENSIONS, (field) => readExtensionList(field, RESPONSE_READERS));
    return {
      responderId,
      producedAt,
      ...extensions,
      answers: singles.map(({ answer }) => answer),
      uninterpretedCritical: [
        ...uninterpretedCritical,
        ...singles.flatMap((single) => single.uninterpretedCritical),
      ],
    };
  });
}

function readResponderId(data: DerReader): ResponderId {
  if (data.nextTag === BY_NAME_TAG) return { name: data.context(1, readName).der };
  const keyHash = data.context(BY_KEY, (field) => field.octetString());
  return { keyHash: Buffer.from(keyHash).toString('hex') };
}

function readSingleResponse(list: DerReader): { readonly answer: OcspAnswer } & ReadExtensions {
  return list.sequence((single) => {
    const certId = readCertId(single);
    const status = readCertStatus(single);
    const thisUpdate = single.generalizedTime();
    const hasNextUpdate = single.nextTag === NEXT_UPDATE_TAG;
    const nextUpdate = hasNextUpdate
      ? { nextUpdate: single.context(0, (field) => field.generalizedTime()) }
      : {};
    const { uninterpretedCritical } = single.atEnd
      ? NO_EXTENSIONS
      : single.context(EXTENSIONS, (field) => readExtensionList(field, new Map()));
    return { answer: { ...certId, status, thisUpdate, ...nextUpdate }, uninterpretedCritical };
  });
}

function readCertStatus(single: DerReader): OcspStatus {
  if (single.nextTag === REVOKED_TAG) return single.context(1, readRevokedInfo);
  const { tag, content, offset } = single.element();
  if (content.length === 0 && tag === GOOD_TAG) return { status: 'good' };
  if (content.length === 0 && tag === UNKNOWN_TAG) return { status: 'unknown' };
  throw new DerError('not a CertStatus (RFC 6960 §4.2.1)', offset);
}

function readRevokedInfo(info: DerReader): OcspStatus {
  const revokedAt = info.generalizedTime();
  const reason: RevocationReason = info.atEnd ? 'unspecified' : info.context(REASON, readReason);
  return { status: 'revoked', revokedAt, reason };
}

// Writes and reads OCSP requests (RFC 6960 §4.1). Skips the signature of a request: anyone may ask. Refuses
// more than 16 KiB, more than 16 certificates, a nonce that is not 1 to 128 octets long (RFC 9654 §2.1), and
// critical extensions.
import { type DerReader, readDer } from '../der/read.ts';
import { CONSTRUCTED, CONTEXT_SPECIFIC } from '../der/tags.ts';
import { encodeDer, explicit, sequence } from '../der/write.ts';
import { DerError, X509Error } from '../errors.ts';
import { ocspNonce } from '../issue/extensions.ts';
import { OCSP } from '../oids.ts';
import { type ExtensionReader, readExtensionList } from '../read/extension-list.ts';
import { readCertificate } from '../read/parse-certificate.ts';
import { type CertId, type CertIdHash, encodeCertId, readCertId } from './cert-id.ts';

/** The contents of a request. Octets are views into the input. */
export interface OcspRequest {
  readonly requests: readonly CertId[];
  /** The answer repeats it. */
  readonly nonce?: Uint8Array;
}

/** Asks for the status of one certificate. */
export interface OcspQuestion {
  /** PEM or DER. */
  readonly certificate: string | Uint8Array;
  /** PEM or DER. */
  readonly issuer: string | Uint8Array;
  /**
   * 1 to 128 random octets, best 32 (RFC 9654 §2.1). Without a nonce the responder may repeat an earlier
   * answer.
   */
  readonly nonce?: Uint8Array;
  /** The hash that identifies the issuer. Default: SHA-1, which every responder knows (RFC 5019 §2.1.1). */
  readonly hashAlgorithm?: CertIdHash;
}

/**
 * Writes a request in DER.
 * @throws X509Error for certificates that cannot be read, TypeError for a nonce of another length
 * @example
 * const request = createOcspRequest({ certificate, issuer, nonce: randomBytes(32) });
 */
export function createOcspRequest({ certificate, issuer, nonce, hashAlgorithm }: OcspQuestion): Buffer {
  if (nonce !== undefined && !isNonceLength(nonce.length)) throw new TypeError('a nonce has 1 to 128 octets');
  const { serialNumber } = readCertificate(certificate);
  const certId = encodeCertId(readCertificate(issuer), serialNumber, hashAlgorithm);
  const requestList = sequence(sequence(certId));
  const extensions = nonce === undefined ? [] : [explicit(REQUEST_EXTENSIONS, sequence(ocspNonce(nonce)))];
  return encodeDer(sequence(sequence(requestList, ...extensions)));
}

/**
 * Reads a request. Answer `malformedRequest` if it is refused here (RFC 6960 §2.3).
 * @throws DerError, X509Error `ocsp_invalid`
 * @example
 * const { requests, nonce } = readOcspRequest(body);
 */
export function readOcspRequest(der: Uint8Array): OcspRequest {
  if (der.length > MAX_BYTES)
    throw new X509Error(
      'ocsp_invalid',
      `the request has ${der.length} octets; at most ${MAX_BYTES} are read`,
    );
  return readDer(der, (reader) =>
    reader.sequence((request) => {
      const parsed = request.sequence(readTbs);
      if (request.nextTag === SIGNATURE_TAG) request.element();
      return parsed;
    }),
  );
}

/**
 * Reads the value of the nonce extension.
 * @throws DerError
 */
export function readNonce(value: DerReader): { readonly nonce: Uint8Array } {
  const { offset } = value;
  const nonce = value.octetString();
  if (!isNonceLength(nonce.length))
    throw new DerError('the nonce is not 1 to 128 octets long (RFC 9654 §2.1)', offset);
  return { nonce };
}

/**
 * Refuses unknown critical extensions (RFC 6960 §4.4).
 * @throws X509Error `ocsp_invalid`
 */
export function requireUnderstood(oids: readonly string[]): void {
  if (oids.length === 0) return;
  throw new X509Error('ocsp_invalid', `unknown critical extensions: ${oids.join(', ')}`);
}

const MAX_BYTES = 16 * 1024;
const MAX_REQUESTS = 16;
const MAX_NONCE_OCTETS = 128;
const SIGNATURE_TAG = CONTEXT_SPECIFIC | CONSTRUCTED | 0;
const REQUESTOR_NAME_TAG = CONTEXT_SPECIFIC | CONSTRUCTED | 1;
const REQUEST_EXTENSIONS = 2;
const SINGLE_EXTENSIONS = 0;

const REQUEST_READERS: ReadonlyMap<string, ExtensionReader<{ readonly nonce: Uint8Array }>> = new Map([
  [OCSP.nonce, readNonce],
]);

function isNonceLength(length: number): boolean {
  return length > 0 && length <= MAX_NONCE_OCTETS;
}

/** There is one version, and DER leaves it out (RFC 6960 §4.1.1, X.690 §11.5). */
function readTbs(tbs: DerReader): OcspRequest {
  if (tbs.nextTag === REQUESTOR_NAME_TAG) tbs.element();
  const requests = tbs.sequence((list) => list.nonEmptyList(readSingleRequest));
  if (requests.length > MAX_REQUESTS) {
    throw new X509Error(
      'ocsp_invalid',
      `the request asks for ${requests.length} certificates; at most ${MAX_REQUESTS} are answered at once`,
    );
  }
  if (tbs.atEnd) return { requests };
  const { nonce, uninterpretedCritical } = tbs.context(REQUEST_EXTENSIONS, (reader) =>
    readExtensionList(reader, REQUEST_READERS),
  );
  requireUnderstood(uninterpretedCritical);
  return nonce === undefined ? { requests } : { requests, nonce };
}

function readSingleRequest(list: DerReader): CertId {
  return list.sequence((request) => {
    const certId = readCertId(request);
    if (!request.atEnd) {
      const extensions = request.context(SINGLE_EXTENSIONS, (reader) => readExtensionList(reader, new Map()));
      requireUnderstood(extensions.uninterpretedCritical);
    }
    return certId;
  });
}

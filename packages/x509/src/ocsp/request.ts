// OCSP requests (RFC 6960 §4.1), made and read. A signature on a request is skipped: answers are for everyone.
// Refuses more than 16 KiB, more than 16 certificates, nonces other than 1 to 128 octets (RFC 9654 §2.1), critical extensions.
import { type DerReader, readDer } from '../der/read.ts';
import { CONSTRUCTED, CONTEXT_SPECIFIC } from '../der/tags.ts';
import { encodeDer, explicit, sequence } from '../der/write.ts';
import { DerError, X509Error } from '../errors.ts';
import { type ExtensionReader, readExtensionList } from '../extension-list.ts';
import { ocspNonce } from '../extensions.ts';
import { OCSP } from '../oids.ts';
import { readCertificate } from '../read/parse-certificate.ts';
import { type CertId, encodeCertId, readCertId } from './cert-id.ts';

/** What a client asks. Octets are views into the input. */
export interface OcspRequest {
  readonly requests: readonly CertId[];
  /** To be repeated in the answer. */
  readonly nonce?: Uint8Array;
}

/** What to ask: the status of one certificate. */
export interface OcspQuestion {
  /** PEM or DER. */
  readonly certificate: string | Uint8Array;
  /** PEM or DER. */
  readonly issuer: string | Uint8Array;
  /** 1 to 128 random octets, better 32 (RFC 9654 §2.1); without them an earlier answer may be repeated. */
  readonly nonce?: Uint8Array;
}

/**
 * A request in DER.
 * @throws X509Error for certificates that cannot be read; TypeError for a nonce of another length
 */
export function createOcspRequest({ certificate, issuer, nonce }: OcspQuestion): Buffer {
  if (nonce !== undefined && !isNonceLength(nonce.length)) throw new TypeError('a nonce has 1 to 128 octets');
  const certId = encodeCertId(readCertificate(issuer), readCertificate(certificate).serialNumber);
  const requestList = sequence(sequence(certId));
  const extensions = nonce === undefined ? [] : [explicit(REQUEST_EXTENSIONS, sequence(ocspNonce(nonce)))];
  return encodeDer(sequence(sequence(requestList, ...extensions)));
}

/**
 * Reads a request. Whatever is refused here is to be answered by `malformedRequest` (RFC 6960 §2.3).
 * @throws DerError; X509Error `ocsp_invalid`
 */
export function readOcspRequest(der: Uint8Array): OcspRequest {
  if (der.length > MAX_BYTES) throw new X509Error('ocsp_invalid', `request exceeds ${MAX_BYTES} octets`);
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
    throw new DerError('nonce is not 1 to 128 octets (RFC 9654 §2.1)', offset);
  return { nonce };
}

/**
 * Refuses extensions that are critical and not known (RFC 6960 §4.4).
 * @throws X509Error `ocsp_invalid`
 */
export function requireUnderstood(oids: readonly string[]): void {
  if (oids.length === 0) return;
  throw new X509Error('ocsp_invalid', `critical extensions that are not known here: ${oids.join(', ')}`);
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
    throw new X509Error('ocsp_invalid', `request asks for more than ${MAX_REQUESTS} certificates`);
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

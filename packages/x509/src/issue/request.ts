// Writes and reads certification requests, PKCS #10 (RFC 2986), and checks that the requester has the key.
// Refuses unknown versions, and two extensionRequest attributes (RFC 2985 §5.4.2). Requested extensions are
// read, never copied.
import { type DerReader, readDer } from '../der/read.ts';
import { CONSTRUCTED, CONTEXT_SPECIFIC, TAG } from '../der/tags.ts';
import { type Der, encodeDer, implicit, integer, objectIdentifier, sequence, setOf } from '../der/write.ts';
import { DerError, X509Error } from '../errors.ts';
import { importSpki } from '../keys/public-key.ts';
import type { Signer } from '../keys/signer.ts';
import { readKeyBits } from '../keys/spki.ts';
import type { GeneralName } from '../names/general-name.ts';
import { type DistinguishedName, encodeName, readName, type Subject } from '../names/name.ts';
import { REQUEST_ATTRIBUTE } from '../oids.ts';
import {
  type ExtensionHeading,
  NO_EXTENSIONS,
  type ParsedExtensions,
  readExtensionHeadings,
  readExtensions,
} from '../read/parse-extensions.ts';
import { encodePem } from '../read/pem.ts';
import { derOf } from '../read/pem-or-der.ts';
import { encodeSigned, readSigned } from '../signed.ts';
import { isSignedBy, type SignedOctets } from '../verify/verify-signature.ts';
import { subjectAltName } from './extensions.ts';

/** The requested names. The subject may be empty if there are alternative names. */
export interface RequestTemplate {
  readonly subject: Subject;
  readonly subjectAltNames?: readonly GeneralName[];
}

/** A new request. */
export interface EncodedRequest {
  readonly der: Uint8Array;
  readonly pem: string;
}

/** The contents of a request. Octets are views of one private copy of the input. */
export interface ParsedRequest extends SignedOctets {
  readonly der: Uint8Array;
  readonly subject: DistinguishedName;
  /** SubjectPublicKeyInfo in DER. */
  readonly spki: Uint8Array;
  /** The values of the requested extensions. `requestedExtensions` lists which are present. */
  readonly extensions: ParsedExtensions;
  /** Every requested extension, unknown ones included. */
  readonly requestedExtensions: readonly ExtensionHeading[];
}

/**
 * Creates a request for the key of this signer.
 * @throws X509Error `name_invalid`, `general_name_invalid` or `subject_missing`
 * @example
 * const subjectAltNames = [parseSubjectName('api.example.com')];
 * const { pem } = createRequest({ subject: {}, subjectAltNames }, signerFromKey(key));
 */
export function createRequest(template: RequestTemplate, signer: Signer): EncodedRequest {
  const subject = encodeName(template.subject);
  const isCritical = subject.length === EMPTY_NAME_LENGTH;
  const names = template.subjectAltNames ?? [];
  if (isCritical && names.length === 0) {
    throw new X509Error('subject_missing', 'a request needs a subject or an alternative name');
  }
  const attributes = names.length === 0 ? [] : [extensionRequest(subjectAltName(names, { isCritical }))];
  const tbs = sequence(VERSION_1, subject, signer.publicKey, implicit(0, setOf(...attributes)));
  const der = encodeSigned(encodeDer(tbs), signer);
  return { der, pem: encodePem(LABELS[0], der) };
}

/**
 * Reads one request: DER octets, or PEM as text or octets. `verifyRequest` checks its signature.
 * @throws DerError, X509Error `pem_invalid` or `pem_too_large` for PEM that does not contain exactly one
 * request
 * @example
 * const { extensions } = readRequest(readFileSync('server.csr'));
 */
export function readRequest(pemOrDer: string | Uint8Array): ParsedRequest {
  const der = derOf(pemOrDer, LABELS);
  return { der, ...readDer(der, (reader) => readSigned(reader, readRequestInfo)) };
}

/**
 * Checks that the request is signed with its own key (RFC 2986 §3, note 2). Returns the type of the key, as
 * `publicKeyType` does.
 * @throws X509Error `request_signature_invalid`, `algorithm_unsupported`, `key_unsupported` or `key_invalid`
 * @example
 * const keyType = verifyRequest(readRequest(csr)); // 'P-256'
 */
export function verifyRequest(request: ParsedRequest): string {
  const key = importSpki(request.spki);
  if (isSignedBy(request, key)) return key.type;
  throw new X509Error(
    'request_signature_invalid',
    'the request is not signed with the private key that belongs to its public key (RFC 2986 §3)',
  );
}

type RequestInfo = Omit<ParsedRequest, 'der' | keyof SignedOctets>;
type RequestedExtensions = Pick<ParsedRequest, 'extensions' | 'requestedExtensions'>;

/** Tools of Microsoft and Netscape write the second label (RFC 7468 §7). */
const LABELS = ['CERTIFICATE REQUEST', 'NEW CERTIFICATE REQUEST'] as const;
const EMPTY_NAME_LENGTH = 2;
const VERSION_1 = encodeDer(integer(0));
const ATTRIBUTES_TAG = CONTEXT_SPECIFIC | CONSTRUCTED | 0;
const NOTHING_REQUESTED: RequestedExtensions = { extensions: NO_EXTENSIONS, requestedExtensions: [] };

function extensionRequest(...extensions: Der[]): Der {
  return sequence(objectIdentifier(REQUEST_ATTRIBUTE.extensionRequest), setOf(sequence(...extensions)));
}

function readRequestInfo(request: DerReader): RequestInfo {
  return request.sequence((info) => {
    info.smallInteger(0);
    const subject = readName(info);
    const spki = info.capture(readKeyBits).bytes;
    return { subject, spki, ...readAttributes(info) };
  });
}

/**
 * SET OF Attribute. It may be missing or in any order: old tools get both wrong, and neither has a meaning.
 */
function readAttributes(info: DerReader): RequestedExtensions {
  if (info.nextTag !== ATTRIBUTES_TAG) return NOTHING_REQUESTED;
  const { offset } = info;
  const found = info.context(0, (attributes) => attributes.list(readAttribute)).flat();
  if (found.length > 1) throw new DerError('more than one extensionRequest (RFC 2985 §5.4.2)', offset);
  return found[0] ?? NOTHING_REQUESTED;
}

function readAttribute(attributes: DerReader): RequestedExtensions[] {
  return attributes.sequence((attribute) => {
    const isExtensionRequest = attribute.objectIdentifier() === REQUEST_ATTRIBUTE.extensionRequest;
    if (isExtensionRequest) return attribute.within(TAG.set, readEachRequest);
    attribute.expect(TAG.set);
    return [];
  });
}

function readEachRequest(values: DerReader): RequestedExtensions[] {
  return values.nonEmptyList(readRequestedExtensions);
}

function readRequestedExtensions(values: DerReader): RequestedExtensions {
  const { bytes, value } = values.capture(readExtensions);
  return { extensions: value, requestedExtensions: readDer(bytes, readExtensionHeadings) };
}

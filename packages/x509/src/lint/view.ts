// A certificate for the lint rules (RFC 5280 §4.1): values with their encodings. Leaves all checks to the
// rules. It is created before every signature, so it reads each octet once, and creates text only when a rule
// needs it.
import { type AlgorithmIdentifier, readAlgorithmIdentifier } from '../algorithm.ts';
import { type DerReader, readDer } from '../der/read.ts';
import { CONSTRUCTED, CONTEXT_SPECIFIC, TAG } from '../der/tags.ts';
import { type ExtensionsView, NO_EXTENSIONS_VIEW, readExtensionsView } from './extensions-view.ts';

export interface CertificateView {
  /** 1 to 3. */
  readonly version: number;
  /** The content of the INTEGER. */
  readonly serialNumber: Uint8Array;
  readonly signatureAlgorithm: AlgorithmIdentifier;
  /** The AlgorithmIdentifier in TBSCertificate, and that of a whole Certificate. */
  readonly algorithmOctets: readonly Uint8Array[];
  readonly issuer: NameView;
  readonly notBefore: TimeView;
  readonly notAfter: TimeView;
  readonly subject: NameView;
  readonly key: KeyView;
  readonly hasUniqueIdentifiers: boolean;
  readonly extensions: ExtensionsView;
}

export interface NameView {
  readonly der: Uint8Array;
  readonly attributes: readonly AttributeView[];
}

export interface AttributeView {
  readonly oid: string;
  readonly tag: number;
  readonly content: Uint8Array;
}

export interface TimeView {
  readonly tag: number;
  readonly date: Date;
}

export interface KeyView {
  readonly algorithm: AlgorithmIdentifier;
  /** The content of subjectPublicKey. */
  readonly bits: Uint8Array;
}

/**
 * Reads Certificate or TBSCertificate.
 * @throws DerError
 */
export function viewCertificate(tbsOrDer: Uint8Array): CertificateView {
  return readDer(tbsOrDer, (reader) =>
    reader.sequence((fields) =>
      fields.nextTag === TAG.sequence ? readWhole(fields) : readTbsFields(fields),
    ),
  );
}

const VERSION_TAG = CONTEXT_SPECIFIC | CONSTRUCTED | 0;
const MAX_VERSION = 2;
const UNIQUE_ID_TAGS: readonly (number | undefined)[] = [CONTEXT_SPECIFIC | 1, CONTEXT_SPECIFIC | 2];
const EXTENSIONS_NUMBER = 3;

function readWhole(certificate: DerReader): CertificateView {
  const view = certificate.sequence(readTbsFields);
  const { bytes } = certificate.capture(readAlgorithmIdentifier);
  certificate.bitString();
  return { ...view, algorithmOctets: [...view.algorithmOctets, bytes] };
}

function readTbsFields(tbs: DerReader): CertificateView {
  const version = 1 + (tbs.nextTag === VERSION_TAG ? tbs.context(0, readVersion) : 0);
  const serialNumber = tbs.expect(TAG.integer).content;
  const { bytes, value: signatureAlgorithm } = tbs.capture(readAlgorithmIdentifier);
  const issuer = readNameView(tbs);
  const [notBefore, notAfter] = tbs.sequence(readValidity);
  const subject = readNameView(tbs);
  const key = tbs.sequence(readKeyView);
  const hasUniqueIdentifiers = skipUniqueIdentifiers(tbs);
  const extensions = tbs.atEnd ? NO_EXTENSIONS_VIEW : tbs.context(EXTENSIONS_NUMBER, readExtensionsView);
  return {
    version,
    serialNumber,
    signatureAlgorithm,
    algorithmOctets: [bytes],
    issuer,
    notBefore,
    notAfter,
    subject,
    key,
    hasUniqueIdentifiers,
    extensions,
  };
}

function readVersion(field: DerReader): number {
  return field.smallInteger(MAX_VERSION);
}

function readValidity(fields: DerReader): [TimeView, TimeView] {
  return [readTimeView(fields), readTimeView(fields)];
}

function readTimeView(fields: DerReader): TimeView {
  return { tag: fields.nextTag ?? 0, date: fields.time() };
}

function readKeyView(fields: DerReader): KeyView {
  return { algorithm: readAlgorithmIdentifier(fields), bits: fields.bitStringOctets() };
}

function readNameView(reader: DerReader): NameView {
  const { bytes, value } = reader.capture(readAttributes);
  return { der: bytes, attributes: value };
}

function readAttributes(reader: DerReader): AttributeView[] {
  const attributes: AttributeView[] = [];
  reader.sequence((rdns) => {
    while (!rdns.atEnd) attributes.push(...rdns.within(TAG.set, readRdn));
  });
  return attributes;
}

function readRdn(rdn: DerReader): AttributeView[] {
  return rdn.nonEmptyList(readAttribute);
}

function readAttribute(rdn: DerReader): AttributeView {
  return rdn.sequence(readAttributeFields);
}

function readAttributeFields(fields: DerReader): AttributeView {
  const oid = fields.objectIdentifier();
  const { tag, content } = fields.element();
  return { oid, tag, content };
}

function skipUniqueIdentifiers(tbs: DerReader): boolean {
  let found = false;
  while (UNIQUE_ID_TAGS.includes(tbs.nextTag)) {
    tbs.element();
    found = true;
  }
  return found;
}

// The extensions of a certificate for the lint rules (RFC 5280 §4.2): all extensions, and the values of the
// known ones.
import type { DerElement, DerReader } from '../der/read.ts';
import { CONSTRUCTED, CONTEXT_SPECIFIC, TAG } from '../der/tags.ts';
import { KEY_USAGES, type KeyUsage } from '../key-usage.ts';
import { readNameConstraints } from '../names/name-constraints.ts';
import { EXTENSION } from '../oids.ts';

export interface ExtensionsView {
  /** All extensions in order. `undefined` for a certificate without the field. */
  readonly all: readonly ExtensionView[] | undefined;
  readonly isCa: boolean;
  readonly pathLength: number | undefined;
  readonly keyUsage: KeyUsageView | undefined;
  /** OIDs of extendedKeyUsage. */
  readonly purposes: readonly string[] | undefined;
  readonly subjectKeyIdentifier: Uint8Array | undefined;
  readonly authorityKeyIdentifier: AuthorityKeyView | undefined;
  readonly subjectAltNames: readonly DerElement[] | undefined;
  readonly hasNameConstraints: boolean;
  readonly distributionPoints: readonly DistributionPointView[];
  readonly accessDescriptions: readonly AccessView[];
}

export interface ExtensionView {
  readonly oid: string;
  readonly isCritical: boolean;
}

export interface KeyUsageView {
  readonly usages: readonly KeyUsage[];
  /** Whether the last bit is set, as DER requires of named bits (X.690 §11.2.2). */
  readonly isMinimal: boolean;
}

export interface AuthorityKeyView {
  readonly keyIdentifier: Uint8Array | undefined;
  readonly hasIssuer: boolean;
  readonly hasSerialNumber: boolean;
}

export interface DistributionPointView {
  readonly hasLocation: boolean;
  readonly hasIssuer: boolean;
  /** The locations of its full name. */
  readonly locations: readonly DerElement[];
}

export interface AccessView {
  readonly method: string;
  readonly location: DerElement;
}

/** The values of a certificate without extensions. */
export const NO_EXTENSIONS_VIEW: ExtensionsView = {
  all: undefined,
  isCa: false,
  pathLength: undefined,
  keyUsage: undefined,
  purposes: undefined,
  subjectKeyIdentifier: undefined,
  authorityKeyIdentifier: undefined,
  subjectAltNames: undefined,
  hasNameConstraints: false,
  distributionPoints: [],
  accessDescriptions: [],
};

/**
 * Reads Extensions.
 * @throws DerError
 */
export function readExtensionsView(reader: DerReader): ExtensionsView {
  const all: ExtensionView[] = [];
  const view: Mutable<ExtensionsView> = { ...NO_EXTENSIONS_VIEW, all };
  reader.sequence((extensions) => {
    while (!extensions.atEnd) all.push(extensions.sequence((fields) => readExtension(fields, view)));
  });
  return view;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type ValueReader = (value: DerReader, view: Mutable<ExtensionsView>) => void;

const VALUE_READERS: ReadonlyMap<string, ValueReader> = new Map<string, ValueReader>([
  [EXTENSION.basicConstraints, readBasicConstraints],
  [EXTENSION.keyUsage, readKeyUsage],
  [EXTENSION.extendedKeyUsage, readPurposes],
  [EXTENSION.subjectKeyIdentifier, readSubjectKeyIdentifier],
  [EXTENSION.authorityKeyIdentifier, readAuthorityKeyIdentifier],
  [EXTENSION.subjectAltName, readSubjectAltNames],
  [EXTENSION.nameConstraints, readConstraints],
  [EXTENSION.cRLDistributionPoints, readDistributionPoints],
  [EXTENSION.authorityInfoAccess, readAccessDescriptions],
]);

const MAX_PATH_LENGTH = 255;
const [KEY_ID_TAG, SERIAL_TAG] = [CONTEXT_SPECIFIC | 0, CONTEXT_SPECIFIC | 2];
const [POINT_TAG, ISSUER_TAG] = [CONTEXT_SPECIFIC | CONSTRUCTED | 0, CONTEXT_SPECIFIC | CONSTRUCTED | 2];
const FULL_NAME_TAG = CONTEXT_SPECIFIC | CONSTRUCTED | 0;
const AUTHORITY_ISSUER_TAG = CONTEXT_SPECIFIC | CONSTRUCTED | 1;

function readExtension(fields: DerReader, view: Mutable<ExtensionsView>): ExtensionView {
  const oid = fields.objectIdentifier();
  const isCritical = fields.booleanOrFalse();
  const readValue = VALUE_READERS.get(oid);
  if (readValue === undefined) fields.expect(TAG.octetString);
  else fields.within(TAG.octetString, (value) => readValue(value, view));
  return { oid, isCritical };
}

function readBasicConstraints(value: DerReader, view: Mutable<ExtensionsView>): void {
  value.sequence((fields) => {
    view.isCa = fields.booleanOrFalse();
    if (!fields.atEnd) view.pathLength = fields.smallInteger(MAX_PATH_LENGTH);
  });
}

function readKeyUsage(value: DerReader, view: Mutable<ExtensionsView>): void {
  const { bytes, unusedBits } = value.bitString();
  const usages = KEY_USAGES.filter(
    (_, position) => ((bytes[position >> 3] ?? 0) & (0x80 >> (position & 7))) !== 0,
  );
  view.keyUsage = {
    usages,
    isMinimal: bytes.length === 0 || ((bytes.at(-1) ?? 0) & (1 << unusedBits)) !== 0,
  };
}

function readPurposes(value: DerReader, view: Mutable<ExtensionsView>): void {
  view.purposes = value.sequence((oids) => oids.nonEmptyList((each) => each.objectIdentifier()));
}

function readSubjectKeyIdentifier(value: DerReader, view: Mutable<ExtensionsView>): void {
  view.subjectKeyIdentifier = value.octetString();
}

function readAuthorityKeyIdentifier(value: DerReader, view: Mutable<ExtensionsView>): void {
  view.authorityKeyIdentifier = value.sequence((fields) => ({
    keyIdentifier: fields.nextTag === KEY_ID_TAG ? fields.element().content : undefined,
    hasIssuer: skip(fields, AUTHORITY_ISSUER_TAG),
    hasSerialNumber: skip(fields, SERIAL_TAG),
  }));
}

function readSubjectAltNames(value: DerReader, view: Mutable<ExtensionsView>): void {
  view.subjectAltNames = value.sequence(readElements);
}

function readConstraints(value: DerReader, view: Mutable<ExtensionsView>): void {
  readNameConstraints(value);
  view.hasNameConstraints = true;
}

function readDistributionPoints(value: DerReader, view: Mutable<ExtensionsView>): void {
  view.distributionPoints = value.sequence((points) =>
    points.nonEmptyList((point) => point.sequence(readDistributionPoint)),
  );
}

function readDistributionPoint(point: DerReader): DistributionPointView {
  const hasLocation = point.nextTag === POINT_TAG;
  const locations = hasLocation ? point.context(0, readFullName) : [];
  const rest = point.list((field) => field.element().tag);
  return { hasLocation, hasIssuer: rest.includes(ISSUER_TAG), locations };
}

function readFullName(name: DerReader): DerElement[] {
  if (name.nextTag === FULL_NAME_TAG) return name.context(0, readElements);
  name.element();
  return [];
}

function readAccessDescriptions(value: DerReader, view: Mutable<ExtensionsView>): void {
  view.accessDescriptions = value.sequence((all) => all.nonEmptyList((each) => each.sequence(readAccess)));
}

function readAccess(fields: DerReader): AccessView {
  return { method: fields.objectIdentifier(), location: fields.element() };
}

function readElements(list: DerReader): DerElement[] {
  return list.nonEmptyList((each) => each.element());
}

function skip(fields: DerReader, tag: number): boolean {
  if (fields.nextTag !== tag) return false;
  fields.element();
  return true;
}

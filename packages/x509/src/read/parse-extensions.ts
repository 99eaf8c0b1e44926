// Reads certificate extensions (RFC 5280 §4.2). Refuses an extension that appears twice, `critical` with the
// value FALSE, and malformed values of known extensions. Lists unknown critical extensions.
import type { DerReader } from '../der/read.ts';
import { CONSTRUCTED, CONTEXT_SPECIFIC } from '../der/tags.ts';
import type { AuthorityInfoAccess } from '../issue/extensions.ts';
import { KEY_USAGES, type KeyUsage } from '../key-usage.ts';
import { type ParsedGeneralName, readGeneralName } from '../names/general-name.ts';
import { type NameConstraints, readNameConstraints } from '../names/name-constraints.ts';
import { ACCESS_METHOD, EXTENSION, KEY_PURPOSE } from '../oids.ts';
import { type ExtensionReader, readExtensionList } from './extension-list.ts';

/** The values of a certificate's extensions. A missing restriction is `undefined`: it restricts nothing. */
export interface ParsedExtensions {
  readonly subjectAltNames: readonly ParsedGeneralName[];
  readonly isCa: boolean;
  readonly pathLength?: number;
  readonly keyUsage?: readonly KeyUsage[];
  /** The names of RFC 5280 §4.2.1.12 (`serverAuth`). Purposes without a name are dotted OIDs. */
  readonly extendedKeyUsage?: readonly string[];
  /** Lower-case hex. */
  readonly subjectKeyIdentifier?: string;
  /** Lower-case hex. */
  readonly authorityKeyIdentifier?: string;
  readonly nameConstraints?: NameConstraints;
  /** URLs with any scheme. Other forms of location are left out. */
  readonly cRLDistributionPoints: readonly string[];
  /** URLs with any scheme. Other methods and other forms of location are left out. */
  readonly authorityInfoAccess?: AuthorityInfoAccess;
  /** The server must staple an OCSP answer: the TLS feature status_request (RFC 7633 §4.2.3). */
  readonly mustStaple: boolean;
  /**
   * OIDs of unknown critical extensions. Refuse the certificate unless you understand each of them (RFC 5280
   * §4.2).
   */
  readonly uninterpretedCritical: readonly string[];
}

/** The values of a certificate without extensions. */
export const NO_EXTENSIONS: ParsedExtensions = {
  subjectAltNames: [],
  isCa: false,
  cRLDistributionPoints: [],
  mustStaple: false,
  uninterpretedCritical: [],
};

/**
 * Reads Extensions.
 * @throws DerError
 */
export function readExtensions(reader: DerReader): ParsedExtensions {
  return { ...NO_EXTENSIONS, ...readExtensionList(reader, READERS) };
}

/** One extension, known or not. */
export interface ExtensionHeading {
  readonly oid: string;
  readonly isCritical: boolean;
}

/**
 * Lists all extensions in order, unknown ones included.
 * @throws DerError
 */
export function readExtensionHeadings(reader: DerReader): ExtensionHeading[] {
  return reader.sequence((extensions) =>
    extensions.nonEmptyList((each) =>
      each.sequence((extension) => {
        const heading = { oid: extension.objectIdentifier(), isCritical: extension.booleanOrFalse() };
        extension.octetString();
        return heading;
      }),
    ),
  );
}

/**
 * Reads only the key identifier. The issuer's name and serial number may follow and are skipped (RFC 5280
 * §4.2.1.1).
 */
export function readAuthorityKeyIdentifier(value: DerReader): { authorityKeyIdentifier?: string } {
  return value.sequence((fields) => {
    const [first] = fields.list((field) => field.element());
    return first?.tag === CONTEXT_SPECIFIC ? { authorityKeyIdentifier: hex(first.content) } : {};
  });
}

const READERS = new Map<string, ExtensionReader<ParsedExtensions>>([
  [EXTENSION.basicConstraints, readBasicConstraints],
  [EXTENSION.keyUsage, readKeyUsage],
  [EXTENSION.extendedKeyUsage, readExtendedKeyUsage],
  [EXTENSION.subjectKeyIdentifier, readSubjectKeyIdentifier],
  [EXTENSION.authorityKeyIdentifier, readAuthorityKeyIdentifier],
  [EXTENSION.subjectAltName, readSubjectAltName],
  [EXTENSION.nameConstraints, (value) => ({ nameConstraints: readNameConstraints(value) })],
  [EXTENSION.cRLDistributionPoints, readDistributionPoints],
  [EXTENSION.authorityInfoAccess, readAuthorityInfoAccess],
  [EXTENSION.tlsFeature, readTlsFeature],
]);

const MAX_PATH_LENGTH = 255;
const MAX_TLS_FEATURE = 65_535;
/** RFC 6066 §8. */
const STATUS_REQUEST = 5;
const KEY_PURPOSE_OF_OID: ReadonlyMap<string, string> = new Map(
  Object.entries(KEY_PURPOSE).map(([purpose, oid]) => [oid, purpose]),
);
const FIRST_CONSTRUCTED = CONTEXT_SPECIFIC | CONSTRUCTED | 0;

function readBasicConstraints(value: DerReader): Partial<ParsedExtensions> {
  return value.sequence((fields) => {
    const isCa = fields.booleanOrFalse();
    return fields.atEnd ? { isCa } : { isCa, pathLength: fields.smallInteger(MAX_PATH_LENGTH) };
  });
}

function readKeyUsage(value: DerReader): Partial<ParsedExtensions> {
  const positions = value.namedBits(KEY_USAGES.length);
  return { keyUsage: KEY_USAGES.filter((_, position) => positions.includes(position)) };
}

function readExtendedKeyUsage(value: DerReader): Partial<ParsedExtensions> {
  const oids = value.sequence((purposes) => purposes.nonEmptyList((purpose) => purpose.objectIdentifier()));
  return { extendedKeyUsage: oids.map((oid) => KEY_PURPOSE_OF_OID.get(oid) ?? oid) };
}

function readSubjectKeyIdentifier(value: DerReader): Partial<ParsedExtensions> {
  return { subjectKeyIdentifier: hex(value.octetString()) };
}

function readSubjectAltName(value: DerReader): Partial<ParsedExtensions> {
  return { subjectAltNames: value.sequence((names) => names.nonEmptyList(readGeneralName)) };
}

/** RFC 5280 §4.2.1.13. */
function readDistributionPoints(value: DerReader): Partial<ParsedExtensions> {
  const points = value.sequence((list) =>
    list.nonEmptyList((point) => point.sequence(readDistributionPoint)),
  );
  return { cRLDistributionPoints: points.flat() };
}

/** The URLs of one DistributionPoint. */
function readDistributionPoint(point: DerReader): string[] {
  const urls = point.nextTag === FIRST_CONSTRUCTED ? point.context(0, readDistributionPointName) : [];
  point.list((field) => field.element());
  return urls;
}

/** The URLs of a fullName. A name relative to the issuer has none. */
function readDistributionPointName(name: DerReader): string[] {
  if (name.nextTag === FIRST_CONSTRUCTED) {
    return name.context(0, (fullName) => fullName.nonEmptyList(readGeneralName)).flatMap(urlOf);
  }
  name.element();
  return [];
}

/** RFC 5280 §4.2.2.1. */
function readAuthorityInfoAccess(value: DerReader): Partial<ParsedExtensions> {
  const all = value.sequence((list) =>
    list.nonEmptyList((each) =>
      each.sequence((fields) => ({
        method: fields.objectIdentifier(),
        urls: urlOf(readGeneralName(fields)),
      })),
    ),
  );
  const urls = (wanted: string) => all.flatMap(({ method, urls: found }) => (method === wanted ? found : []));
  return {
    authorityInfoAccess: { ocsp: urls(ACCESS_METHOD.ocsp), caIssuers: urls(ACCESS_METHOD.caIssuers) },
  };
}

/** RFC 7633 §6. A client can check no other feature than status_request. */
function readTlsFeature(value: DerReader): Partial<ParsedExtensions> {
  const features = value.sequence((list) => list.nonEmptyList((each) => each.smallInteger(MAX_TLS_FEATURE)));
  return { mustStaple: features.includes(STATUS_REQUEST) };
}

function urlOf(name: ParsedGeneralName): string[] {
  return name.type === 'uniformResourceIdentifier' ? [name.value] : [];
}

function hex(octets: Uint8Array): string {
  return Buffer.from(octets).toString('hex');
}

// Certificate extensions as they are read (RFC 5280 §4.2). Refuses an extension that appears twice, a `critical` that spells
// out FALSE, and malformed values of the extensions it knows; names critical ones that it does not know.
import type { DerReader } from './der/read.ts';
import { CONTEXT_SPECIFIC, TAG } from './der/tags.ts';
import { DerError } from './errors.ts';
import { KEY_USAGES, type KeyUsage } from './extensions.ts';
import { type GeneralName, readGeneralName, type UninterpretedName } from './general-name.ts';
import { EXTENSION, KEY_PURPOSE } from './oids.ts';

/** What the extensions of a certificate say. A restriction that is absent is `undefined`: it restricts nothing. */
export interface ParsedExtensions {
  readonly subjectAltNames: readonly (GeneralName | UninterpretedName)[];
  readonly isCa: boolean;
  readonly pathLength?: number;
  readonly keyUsage?: readonly KeyUsage[];
  /** Names of RFC 5280 §4.2.1.12 (`serverAuth`), and dotted OIDs where there is no such name. */
  readonly extendedKeyUsage?: readonly string[];
  /** Lower-case hex. */
  readonly subjectKeyIdentifier?: string;
  /** Lower-case hex. */
  readonly authorityKeyIdentifier?: string;
  /** OIDs. Whoever relies on the certificate must refuse it unless each is understood elsewhere (RFC 5280 §4.2). */
  readonly uninterpretedCritical: readonly string[];
}

/** What a certificate without extensions says. */
export const NO_EXTENSIONS: ParsedExtensions = {
  subjectAltNames: [],
  isCa: false,
  uninterpretedCritical: [],
};

/**
 * Reads Extensions.
 * @throws DerError
 */
export function readExtensions(reader: DerReader): ParsedExtensions {
  const seen = new Set<string>();
  const parts = reader.sequence((extensions) => extensions.nonEmptyList((each) => readExtension(each, seen)));
  const uninterpretedCritical = parts.flatMap((part) => part.uninterpretedCritical ?? []);
  return Object.assign({}, NO_EXTENSIONS, ...parts, { uninterpretedCritical });
}

type ExtensionReader = (value: DerReader) => Partial<ParsedExtensions>;

const READERS: ReadonlyMap<string, ExtensionReader> = new Map([
  [EXTENSION.basicConstraints, readBasicConstraints],
  [EXTENSION.keyUsage, readKeyUsage],
  [EXTENSION.extendedKeyUsage, readExtendedKeyUsage],
  [EXTENSION.subjectKeyIdentifier, readSubjectKeyIdentifier],
  [EXTENSION.authorityKeyIdentifier, readAuthorityKeyIdentifier],
  [EXTENSION.subjectAltName, readSubjectAltName],
]);

const MAX_PATH_LENGTH = 255;
const KEY_PURPOSE_OF_OID: ReadonlyMap<string, string> = new Map(
  Object.entries(KEY_PURPOSE).map(([purpose, oid]) => [oid, purpose]),
);

function readExtension(reader: DerReader, seen: Set<string>): Partial<ParsedExtensions> {
  return reader.sequence((extension) => {
    const { offset } = extension;
    const oid = extension.objectIdentifier();
    if (seen.has(oid)) throw new DerError(`extension ${oid} appears twice (RFC 5280 §4.2)`, offset);
    seen.add(oid);
    const isCritical = extension.booleanOrFalse();
    const readValue = READERS.get(oid);
    if (readValue !== undefined) return extension.within(TAG.octetString, readValue);
    extension.octetString();
    return isCritical ? { uninterpretedCritical: [oid] } : {};
  });
}

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

/** The key identifier alone; the issuer's name and serial number, which may stand beside it, are skipped. */
function readAuthorityKeyIdentifier(value: DerReader): Partial<ParsedExtensions> {
  return value.sequence((fields) => {
    const [first] = fields.list((field) => field.element());
    return first?.tag === CONTEXT_SPECIFIC ? { authorityKeyIdentifier: hex(first.content) } : {};
  });
}

function readSubjectAltName(value: DerReader): Partial<ParsedExtensions> {
  return { subjectAltNames: value.sequence((names) => names.nonEmptyList(readGeneralName)) };
}

function hex(octets: Uint8Array): string {
  return Buffer.from(octets).toString('hex');
}

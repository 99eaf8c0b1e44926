// Distinguished names (RFC 5280 §4.1.2.4), written from the fields of a subject and read as RFC 4514 text.
// Refuses values that are empty, too long (RFC 5280 appendix A.1) or have control characters, and a country
// that is not two letters.
import type { DerReader } from '../der/read.ts';
import { TAG } from '../der/tags.ts';
import {
  type Der,
  encodeDer,
  objectIdentifier,
  printableString,
  sequence,
  setOf,
  utf8String,
} from '../der/write.ts';
import { DerError, X509Error } from '../errors.ts';
import { ATTRIBUTE_TYPE } from '../oids.ts';

/**
 * The subject of a certificate. Missing fields are left out. A subject without fields is a valid empty name.
 */
export interface Subject {
  /** Two capital letters (ISO 3166). */
  readonly country?: string;
  readonly state?: string;
  readonly locality?: string;
  readonly organization?: string;
  readonly organizationalUnit?: string;
  readonly commonName?: string;
}

/**
 * One attribute. `type` is an RFC 4514 short name or a dotted OID, `der` the encoded value, `text` its text
 * if it is a string.
 */
export interface NameAttribute {
  readonly type: string;
  readonly der: Uint8Array;
  readonly text: string | undefined;
}

/** A name in a certificate. Two names are equal if their `der` is. */
export interface DistinguishedName {
  readonly der: Uint8Array;
  readonly rdns: readonly (readonly NameAttribute[])[];
  /** The form of RFC 4514, with the last RDN first: `CN=example.com,O=Example,C=DE`. */
  readonly text: string;
}

/**
 * Writes the RDNSequence of a subject, in the order C, ST, L, O, OU, CN.
 * @throws X509Error `name_invalid`
 */
export function encodeName(subject: Subject): Buffer {
  const rdns: Der[] = [];
  for (const { field, type, maxLength } of FIELDS) {
    const value = subject[field];
    if (value === undefined) continue;
    requireValue(field, value, maxLength);
    const text = field === 'country' ? printableString(value) : utf8String(value);
    rdns.push(setOf(sequence(type, text)));
  }
  return encodeDer(sequence(...rdns));
}

/**
 * Reads a Name. Only UTF8String, PrintableString and IA5String are text.
 * @throws DerError
 */
export function readName(reader: DerReader): DistinguishedName {
  const { bytes, value } = reader.capture((name) => name.sequence((rdns) => rdns.list(readRdn)));
  return { der: bytes, rdns: value, text: formatName(value) };
}

/**
 * The subject with the attributes of this name. Their order and string types are lost.
 * @throws X509Error `name_invalid` for other attributes, for one that appears twice, and for several
 * attributes in one RDN
 * @example
 * const { commonName } = subjectFromName(readCertificate(pem).subject);
 */
export function subjectFromName({ rdns }: DistinguishedName): Subject {
  const subject: Partial<Record<keyof Subject, string>> = {};
  for (const rdn of rdns) {
    const [attribute, ...others] = rdn;
    if (attribute === undefined || others.length > 0) {
      throw new X509Error(
        'name_invalid',
        'the name has several attributes in one RDN; a subject has one in each',
      );
    }
    const { field, value } = fieldOf(attribute);
    if (subject[field] !== undefined) throw new X509Error('name_invalid', `the name has ${field} twice`);
    subject[field] = value;
  }
  return subject;
}

const FIELDS = [
  field('country', 'C', 2),
  field('state', 'ST', 128),
  field('locality', 'L', 128),
  field('organization', 'O', 64),
  field('organizationalUnit', 'OU', 64),
  field('commonName', 'CN', 64),
];

const SHORT_NAMES: ReadonlyMap<string, string> = new Map(
  Object.entries(ATTRIBUTE_TYPE).map(([shortName, oid]) => [oid, shortName]),
);

function field<F extends keyof Subject>(name: F, shortName: keyof typeof ATTRIBUTE_TYPE, maxLength: number) {
  return { field: name, shortName, type: encodeDer(objectIdentifier(ATTRIBUTE_TYPE[shortName])), maxLength };
}

function fieldOf({ type, text }: NameAttribute): { field: keyof Subject; value: string } {
  const known = FIELDS.find(({ shortName }) => shortName === type);
  if (known === undefined || text === undefined) {
    const allowed = 'country, state, locality, organization, organizational unit and common name, as text';
    throw new X509Error('name_invalid', `the name has ${type}; a subject may only have ${allowed}`);
  }
  requireValue(known.field, text, known.maxLength);
  return { field: known.field, value: text };
}

function requireValue(field: string, value: string, maxLength: number): void {
  if (field === 'country' && !/^[A-Z]{2}$/.test(value)) {
    throw new X509Error('name_invalid', 'country must be two capital letters (ISO 3166)');
  }
  const isText = value.isWellFormed() && value.trim() !== '' && !/\p{Cc}/u.test(value);
  if (!isText || [...value].length > maxLength) {
    throw new X509Error(
      'name_invalid',
      `${field} must have 1 to ${maxLength} characters, and no control characters`,
    );
  }
}

function readRdn(rdns: DerReader): NameAttribute[] {
  const { offset } = rdns;
  const attributes = rdns.setOf(readAttribute);
  if (attributes.length === 0) throw new DerError('an RDN has no attribute', offset);
  return attributes;
}

function readAttribute(rdn: DerReader): NameAttribute {
  return rdn.sequence((attribute) => {
    const oid = attribute.objectIdentifier();
    const { bytes, value } = attribute.capture(readText);
    return { type: SHORT_NAMES.get(oid) ?? oid, der: bytes, text: value };
  });
}

function readText(attribute: DerReader): string | undefined {
  switch (attribute.nextTag) {
    case TAG.utf8String:
      return attribute.utf8String();
    case TAG.printableString:
      return attribute.printableString();
    case TAG.ia5String:
      return attribute.ia5String();
    default:
      attribute.element();
      return undefined;
  }
}

function formatName(rdns: DistinguishedName['rdns']): string {
  return rdns
    .map((rdn) => rdn.map(formatAttribute).join('+'))
    .reverse()
    .join(',');
}

/** A type without a short name, or a value that is not text, is written in hex (RFC 4514 §2.4). */
function formatAttribute({ type, der, text }: NameAttribute): string {
  const isHex = text === undefined || /^\d/.test(type);
  return `${type}=${isHex ? `#${Buffer.from(der).toString('hex')}` : escapeValue(text)}`;
}

/** RFC 4514 §2.4. Control characters are escaped too, so that a name cannot break a line of a log. */
function escapeValue(text: string): string {
  return text
    .replace(/["+,;<>\\]|^[ #]| $/g, '\\$&')
    .replace(/\p{Cc}/gu, (control) => Buffer.from(control).toString('hex').replace(/../g, '\\$&'));
}

// GeneralSubtree (RFC 5280 §4.2.1.10): a part of one name space that name constraints permit or exclude.
// Refuses masks that are not a prefix, and minimum and maximum, which must not be used. Writes no dot before
// a DNS name.
import { type DerReader, readDer } from '../der/read.ts';
import { type Der, explicit, ia5String, implicit, octetString, sequence } from '../der/write.ts';
import { DerError } from '../errors.ts';
import { canonicalDnsName, invalidName } from './dns-name.ts';
import {
  type DirectoryName,
  parseSubjectName,
  readOtherName,
  type UninterpretedName,
} from './general-name.ts';
import { formatIpRange, parseIpRange } from './ip-range.ts';
import { encodeName, readName, type Subject } from './name.ts';
import { NAME_FORMS, type NameType, splitLabel, typeOfTag } from './name-forms.ts';

/**
 * A part of one name space. The meaning of `value` depends on `type`:
 * `dNSName`: `example.com` is this name and all names below it; the empty text is every name.
 * `iPAddress`: `10.0.0.0/8` is a range.
 * `rfc822Name`: `example.com` is the mailboxes of this host, `.example.com` those of all hosts below it,
 * `a@example.com` is one.
 * `uniformResourceIdentifier`: `example.com` is this host, `.example.com` is all hosts below it.
 * `directoryName`: this name, and all names that begin with its RDNs.
 */
export type GeneralSubtree =
  | { readonly type: NameType; readonly value: string }
  | DirectoryName
  | UninterpretedName;

/**
 * Reads a subtree that a person typed: an address or a range (`10.0.0.0/8`), a mailbox (`a@example.com`), or
 * otherwise a domain. A prefix sets the type: `DNS:`, `IP:`, `email:` or `URI:`.
 * @throws X509Error `general_name_invalid`
 * @example
 * parseGeneralSubtree('10.1.2.3/8'); // { type: 'iPAddress', value: '10.0.0.0/8' }
 */
export function parseGeneralSubtree(text: string): GeneralSubtree {
  const { type = guessType(text), value } = splitLabel(text);
  return { type, value: CANONICAL[type](value) };
}

/**
 * The subtree of all distinguished names that begin with this subject.
 * @throws X509Error `name_invalid`
 * @example
 * const nameConstraints = { permitted: [directorySubtree({ country: 'DE', organization: 'Example' })] };
 */
export function directorySubtree(subject: Subject): DirectoryName {
  const name = readDer(encodeName(subject), readName);
  return { type: 'directoryName', value: name.text, name };
}

/**
 * Checks one subtree, and writes it in canonical form.
 * @throws X509Error `general_name_invalid`
 */
export function encodeGeneralSubtree(subtree: GeneralSubtree): Der {
  return sequence(encodeBase(subtree));
}

/**
 * Reads one subtree. Accepts any printable ASCII: `isWithin` returns `undefined` for text that it cannot
 * compare.
 * @throws DerError
 */
export function readGeneralSubtree(reader: DerReader): GeneralSubtree {
  return reader.sequence((fields) => {
    const base = readBase(fields);
    if (!fields.atEnd)
      throw new DerError('minimum and maximum must not be used (RFC 5280 §4.2.1.10)', fields.offset);
    return base;
  });
}

const DIRECTORY_NAME_NUMBER = 4;

/** The canonical text of a subtree, by its type. */
const CANONICAL: Readonly<Record<NameType, (text: string) => string>> = {
  dNSName: (text) => (text === '' ? text : requireDomain(text)),
  iPAddress: (text) => formatIpRange(requireIpRange(text)) ?? text,
  rfc822Name: (text) => (text.includes('@') ? parseSubjectName(`email:${text}`).value : requireHosts(text)),
  uniformResourceIdentifier: requireHosts,
};

function guessType(text: string): NameType {
  if (parseIpRange(text) !== undefined) return 'iPAddress';
  return text.includes('@') ? 'rfc822Name' : 'dNSName';
}

function encodeBase(subtree: GeneralSubtree): Der {
  switch (subtree.type) {
    case 'uninterpreted':
      return subtree.der;
    case 'directoryName':
      return explicit(DIRECTORY_NAME_NUMBER, subtree.name.der);
    case 'iPAddress':
      return implicit(NAME_FORMS.iPAddress.tagNumber, octetString(requireIpRange(subtree.value)));
    default:
      return implicit(NAME_FORMS[subtree.type].tagNumber, ia5String(CANONICAL[subtree.type](subtree.value)));
  }
}

function readBase(fields: DerReader): GeneralSubtree {
  const type = typeOfTag(fields.nextTag);
  if (type === undefined) return readOtherName(fields);
  const { content, offset } = fields.element();
  const value = type === 'iPAddress' ? formatIpRange(content) : printableAscii(content);
  if (value === undefined) throw new DerError(`not a subtree of ${type}`, offset);
  return { type, value };
}

function requireIpRange(text: string): Uint8Array {
  const octets = parseIpRange(text);
  if (octets === undefined) throw invalidName(text, 'is not a range of IP addresses such as 10.0.0.0/8');
  return octets;
}

/** A host. With a dot before it, all hosts below it. */
function requireHosts(text: string): string {
  return text.startsWith('.') ? `.${requireDomain(text.slice(1))}` : requireDomain(text);
}

function requireDomain(text: string): string {
  const domain = canonicalDnsName(text);
  if (domain.startsWith('*.'))
    throw invalidName(text, 'is a wildcard; write the domain without *. in a constraint');
  return domain;
}

function printableAscii(octets: Uint8Array): string | undefined {
  const text = Buffer.from(octets).toString('latin1');
  return /^[ -~]*$/.test(text) ? text : undefined;
}

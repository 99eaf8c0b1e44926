// GeneralSubtree (RFC 5280 §4.2.1.10): a part of one name space, as name constraints permit or exclude it.
// Refuses masks that are no prefix, minimum and maximum (which must not be used), and, in writing, a period before a DNS name.
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
 * A part of one name space. What `value` means depends on `type`:
 * `dNSName` `example.com` is that name and all below it, the empty text every name;
 * `iPAddress` `10.0.0.0/8` is a range;
 * `rfc822Name` `example.com` is the mailboxes of that host, `.example.com` those of all hosts below it, `a@example.com` one;
 * `uniformResourceIdentifier` `example.com` is that host, `.example.com` all hosts below it;
 * `directoryName` is that name and all that begin with its RDNs.
 */
export type GeneralSubtree =
  | { readonly type: NameType; readonly value: string }
  | DirectoryName
  | UninterpretedName;

/**
 * A subtree as people type it: an address or a range (`10.0.0.0/8`), a mailbox (`a@example.com`), or else a domain. `DNS:`,
 * `IP:`, `email:` and `URI:` before it say which it is.
 * @throws X509Error `general_name_invalid`
 */
export function parseGeneralSubtree(text: string): GeneralSubtree {
  const { type = guessType(text), value } = splitLabel(text);
  return { type, value: CANONICAL[type](value) };
}

/**
 * The subtree of all distinguished names that begin as this subject does.
 * @throws X509Error `name_invalid`
 */
export function directorySubtree(subject: Subject): DirectoryName {
  const name = readDer(encodeName(subject), readName);
  return { type: 'directoryName', value: name.text, name };
}

/**
 * The encoding of one subtree, checked and in canonical form.
 * @throws X509Error `general_name_invalid`
 */
export function encodeGeneralSubtree(subtree: GeneralSubtree): Der {
  return sequence(encodeBase(subtree));
}

/**
 * Reads one subtree. Text is only required to be printable ASCII: whoever compares names with it refuses what it cannot judge.
 * @throws DerError
 */
export function readGeneralSubtree(reader: DerReader): GeneralSubtree {
  return reader.sequence((fields) => {
    const base = readBase(fields);
    if (!fields.atEnd) throw new DerError('minimum or maximum is used (RFC 5280 §4.2.1.10)', fields.offset);
    return base;
  });
}

const DIRECTORY_NAME_NUMBER = 4;

/** One text for each subtree of a kind, or an error. */
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
  if (octets === undefined) throw invalidName(text, 'is not a range of addresses such as 10.0.0.0/8');
  return octets;
}

/** A host, or with a period before it all hosts below it. */
function requireHosts(text: string): string {
  return text.startsWith('.') ? `.${requireDomain(text.slice(1))}` : requireDomain(text);
}

function requireDomain(text: string): string {
  const domain = canonicalDnsName(text);
  if (domain.startsWith('*.')) throw invalidName(text, 'is a wildcard; a constraint names the domain itself');
  return domain;
}

function printableAscii(octets: Uint8Array): string | undefined {
  const text = Buffer.from(octets).toString('latin1');
  return /^[ -~]*$/.test(text) ? text : undefined;
}

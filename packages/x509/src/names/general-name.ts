// GeneralName (RFC 5280 §4.2.1.6): dNSName, iPAddress, rfc822Name and uniformResourceIdentifier. Writing
// refuses DNS names that are not LDH labels (RFC 5890 §2.3.1), addresses with zones, quoted mailboxes and
// relative URIs.
import type { DerReader } from '../der/read.ts';
import { CLASS_BITS, CONSTRUCTED, CONTEXT_SPECIFIC } from '../der/tags.ts';
import { type DerNode, ia5String, implicit, octetString } from '../der/write.ts';
import { DerError } from '../errors.ts';
import { canonicalDnsName, invalidName } from './dns-name.ts';
import { formatIpAddress, parseIpAddress } from './ip-address.ts';
import { type DistinguishedName, readName } from './name.ts';
import { NAME_FORMS, type NameType, splitLabel, typeOfTag } from './name-forms.ts';

/** A name of a type that this package writes. IP addresses are text: `127.0.0.1`, `::1`. */
export interface GeneralName {
  readonly type: NameType;
  readonly value: string;
}

/** A distinguished name among the names of a certificate. `value` is its text in the form of RFC 4514. */
export interface DirectoryName {
  readonly type: 'directoryName';
  readonly value: string;
  readonly name: DistinguishedName;
}

/** A name of another type in a certificate: its tag number (RFC 5280 §4.2.1.6) and its encoding. */
export interface UninterpretedName {
  readonly type: 'uninterpreted';
  readonly tagNumber: number;
  readonly der: Uint8Array;
}

/** Any name in a certificate. */
export type ParsedGeneralName = GeneralName | DirectoryName | UninterpretedName;

/**
 * Reads a name that a person typed, and returns it in canonical form. It is an IP address, an absolute URI
 * with `://` or `urn:`, a mailbox, or otherwise a DNS name. A prefix sets the type: `DNS:`, `IP:`, `email:`
 * or `URI:`.
 * @throws X509Error `general_name_invalid`
 * @example
 * parseSubjectName('API.example.com'); // { type: 'dNSName', value: 'api.example.com' }
 */
export function parseSubjectName(text: string): GeneralName {
  const { type = guessType(text), value } = splitLabel(text);
  return { type, value: CANONICAL[type](value) };
}

/**
 * Writes a name for people, with its type before it.
 * @example
 * formatGeneralName({ type: 'dNSName', value: 'example.com' }); // 'DNS:example.com'
 */
export function formatGeneralName(name: ParsedGeneralName): string {
  switch (name.type) {
    case 'uninterpreted':
      return `[${name.tagNumber}]:${generalNameText(name)}`;
    case 'directoryName':
      return `dirName:${name.value}`;
    default:
      return `${NAME_FORMS[name.type].label}:${name.value}`;
  }
}

/**
 * Writes a name without its type. A name of an unknown type is its encoding in hex.
 * @example
 * generalNameText({ type: 'dNSName', value: 'example.com' }); // 'example.com'
 */
export function generalNameText(name: ParsedGeneralName): string {
  return name.type === 'uninterpreted' ? Buffer.from(name.der).toString('hex') : name.value;
}

/**
 * Checks one name, and writes it in canonical form.
 * @throws X509Error `general_name_invalid`
 */
export function encodeGeneralName({ type, value }: GeneralName): DerNode {
  const content =
    type === 'iPAddress' ? octetString(requireIpAddress(value)) : ia5String(CANONICAL[type](value));
  return implicit(NAME_FORMS[type].tagNumber, content);
}

/**
 * Reads one name. Accepts any printable ASCII, because other issuers write names that this package does not.
 * @throws DerError
 */
export function readGeneralName(reader: DerReader): ParsedGeneralName {
  const type = typeOfTag(reader.nextTag);
  if (type === undefined) return readOtherName(reader);
  const { content, offset } = reader.element();
  const value = type === 'iPAddress' ? formatIpAddress(content) : printableAscii(content);
  if (value === undefined) throw new DerError(`not the content of a ${type}`, offset);
  return { type, value };
}

/** Reads a directoryName, or a name of an unknown type. */
export function readOtherName(reader: DerReader): DirectoryName | UninterpretedName {
  if (reader.nextTag === DIRECTORY_NAME_TAG) {
    const name = reader.context(DIRECTORY_NAME_NUMBER, readName);
    return { type: 'directoryName', value: name.text, name };
  }
  const { tag, bytes, offset } = reader.element();
  if ((tag & CLASS_BITS) !== CONTEXT_SPECIFIC) throw new DerError('not a GeneralName', offset);
  return { type: 'uninterpreted', tagNumber: tag & 0x1f, der: bytes };
}

const DIRECTORY_NAME_NUMBER = 4;
const DIRECTORY_NAME_TAG = CONTEXT_SPECIFIC | CONSTRUCTED | DIRECTORY_NAME_NUMBER;

/** The canonical text of a name, by its type. */
const CANONICAL: Readonly<Record<NameType, (text: string) => string>> = {
  dNSName: canonicalDnsName,
  iPAddress: (text) => formatIpAddress(requireIpAddress(text)) ?? text,
  rfc822Name: requireMailbox,
  uniformResourceIdentifier: requireUri,
};

/**
 * `localhost:8443` has the form of a URI, but people mean a host and a port. So it is read as a DNS name, and
 * refused.
 */
function guessType(text: string): NameType {
  if (parseIpAddress(text) !== undefined) return 'iPAddress';
  if (/^([a-z][a-z\d+.-]*:\/\/|urn:)/i.test(text)) return 'uniformResourceIdentifier';
  return text.includes('@') ? 'rfc822Name' : 'dNSName';
}

function requireIpAddress(text: string): Uint8Array {
  const octets = parseIpAddress(text);
  if (octets === undefined) throw invalidName(text, 'is not an IPv4 or IPv6 address');
  return octets;
}

/** RFC 5321 §4.1.2: a dot-string of `atext` before the @, a domain name after it. */
function requireMailbox(text: string): string {
  const [local = '', domain, ...others] = text.split('@');
  const isDotString =
    local.length <= 64 && /^[\w!#$%&'*+\-/=?^`{|}~]+(\.[\w!#$%&'*+\-/=?^`{|}~]+)*$/.test(local);
  if (!isDotString || domain === undefined || others.length > 0 || domain.startsWith('*.')) {
    throw invalidName(text, 'is not a mailbox of the form local@domain');
  }
  return `${local}@${canonicalDnsName(domain)}`;
}

/** RFC 3986 §2, §3: a scheme and more, in the characters of a URI. The authority of a URI needs a host. */
function requireUri(text: string): string {
  const isUri =
    /^[a-z][a-z\d+.-]*:[\w!#$%&'()*+,\-./:;=?@[\]~]+$/i.test(text) && !/%(?![\da-f]{2})/i.test(text);
  const needsHost = /^([^:]+:\/\/|(https?|wss?|ftp|ldaps?):)/i.test(text);
  const hasHost = /^[^:]+:\/\/[^/?#]/.test(text);
  if (!isUri || (needsHost && !hasHost) || !URL.canParse(text))
    throw invalidName(text, 'is not an absolute URI');
  return text;
}

function printableAscii(octets: Uint8Array): string | undefined {
  const text = Buffer.from(octets).toString('latin1');
  return /^[ -~]+$/.test(text) ? text : undefined;
}

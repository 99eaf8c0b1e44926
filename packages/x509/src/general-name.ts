// GeneralName (RFC 5280 §4.2.1.6): dNSName, iPAddress, rfc822Name and uniformResourceIdentifier.
// Writing refuses DNS names that are not LDH labels (RFC 5890 §2.3.1), addresses with zones, quoted mailboxes and relative URIs.
import type { DerReader } from './der/read.ts';
import { CLASS_BITS, CONTEXT_SPECIFIC } from './der/tags.ts';
import { type DerNode, ia5String, implicit, octetString } from './der/write.ts';
import { canonicalDnsName, invalidName } from './dns-name.ts';
import { DerError } from './errors.ts';
import { formatIpAddress, parseIpAddress } from './ip-address.ts';

/** A name of a kind that this package writes. IP addresses are text: `127.0.0.1`, `::1`. */
export interface GeneralName {
  readonly type: 'dNSName' | 'iPAddress' | 'rfc822Name' | 'uniformResourceIdentifier';
  readonly value: string;
}

/** A name of another kind, met in a certificate: its tag number (RFC 5280 §4.2.1.6) and its encoding. */
export interface UninterpretedName {
  readonly type: 'uninterpreted';
  readonly tagNumber: number;
  readonly der: Uint8Array;
}

/**
 * The name of a server, as people type it: an IP address, or else a DNS name, in canonical form.
 * @throws X509Error `general_name_invalid`
 */
export function parseSubjectName(text: string): GeneralName {
  const address = parseIpAddress(text);
  if (address !== undefined) return { type: 'iPAddress', value: formatIpAddress(address) ?? text };
  return { type: 'dNSName', value: canonicalDnsName(text) };
}

/**
 * The encoding of one name, checked and in canonical form.
 * @throws X509Error `general_name_invalid`
 */
export function encodeGeneralName({ type, value }: GeneralName): DerNode {
  switch (type) {
    case 'dNSName':
      return implicit(TAG_NUMBER.dNSName, ia5String(canonicalDnsName(value)));
    case 'iPAddress':
      return implicit(TAG_NUMBER.iPAddress, octetString(requireIpAddress(value)));
    case 'rfc822Name':
      return implicit(TAG_NUMBER.rfc822Name, ia5String(requireMailbox(value)));
    case 'uniformResourceIdentifier':
      return implicit(TAG_NUMBER.uniformResourceIdentifier, ia5String(requireUri(value)));
  }
}

/**
 * Reads one name. Text is only required to be printable ASCII, since others' certificates hold names that we would not write.
 * @throws DerError
 */
export function readGeneralName(reader: DerReader): GeneralName | UninterpretedName {
  const { tag, content, bytes, offset } = reader.element();
  if ((tag & CLASS_BITS) !== CONTEXT_SPECIFIC) throw new DerError('not a GeneralName', offset);
  const type = TYPE_OF_TAG.get(tag);
  if (type === undefined) return { type: 'uninterpreted', tagNumber: tag & 0x1f, der: bytes };
  const value = type === 'iPAddress' ? formatIpAddress(content) : printableAscii(content);
  if (value === undefined) throw new DerError(`not the content of a ${type}`, offset);
  return { type, value };
}

/** Tag numbers of the CHOICE in RFC 5280 §4.2.1.6. */
const TAG_NUMBER = { rfc822Name: 1, dNSName: 2, uniformResourceIdentifier: 6, iPAddress: 7 } as const;

const TYPE_OF_TAG: ReadonlyMap<number, GeneralName['type']> = new Map([
  [CONTEXT_SPECIFIC | TAG_NUMBER.rfc822Name, 'rfc822Name'],
  [CONTEXT_SPECIFIC | TAG_NUMBER.dNSName, 'dNSName'],
  [CONTEXT_SPECIFIC | TAG_NUMBER.uniformResourceIdentifier, 'uniformResourceIdentifier'],
  [CONTEXT_SPECIFIC | TAG_NUMBER.iPAddress, 'iPAddress'],
]);

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

/** RFC 3986 §2–§3: a scheme and more, in the characters of a URI; a host wherever there is, or should be, an authority. */
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

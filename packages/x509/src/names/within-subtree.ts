// Whether a name lies within a subtree (RFC 5280 §4.2.1.10), type by type. `undefined` means that only a part
// of it does (a wildcard), or that the two cannot be compared: one of them is malformed or of an unknown
// type.
import type { ParsedGeneralName } from './general-name.ts';
import type { GeneralSubtree } from './general-subtree.ts';
import { parseIpAddress } from './ip-address.ts';
import { isInIpRange } from './ip-range.ts';
import type { DistinguishedName, NameAttribute } from './name.ts';
import type { NameType } from './name-forms.ts';

/** All of the name (`true`), none of it (`false`), or uncertain (`undefined`). Both have the same type. */
export function isWithin(name: ParsedGeneralName, subtree: GeneralSubtree): boolean | undefined {
  if (name.type === 'uninterpreted' || subtree.type === 'uninterpreted') return undefined;
  if (name.type !== 'directoryName' && subtree.type !== 'directoryName') {
    return WITHIN[name.type](name.value, subtree.value);
  }
  if (name.type !== 'directoryName' || subtree.type !== 'directoryName') return undefined;
  return isDirectoryNameWithin(name.name, subtree.name);
}

const WITHIN: Readonly<Record<NameType, (name: string, subtree: string) => boolean | undefined>> = {
  dNSName: isDnsNameWithin,
  iPAddress: isInIpRange,
  rfc822Name: isMailboxWithin,
  uniformResourceIdentifier: isUriWithin,
};

/**
 * A wildcard means every name with one more label, so the subtree of such a name can contain a part of it.
 */
function isDnsNameWithin(name: string, subtree: string): boolean | undefined {
  if (subtree === '') return true;
  const isWildcard = name.startsWith('*.');
  const host = hostOf(isWildcard ? name.slice(2) : name);
  const base = hostOf(subtree.startsWith('.') ? subtree.slice(1) : subtree);
  if (host === undefined || base === undefined) return undefined;
  if (host.endsWith(`.${base}`)) return true;
  if (subtree.startsWith('.')) return isWildcard && host === base;
  if (host === base) return true;
  return isWildcard && base.slice(base.indexOf('.') + 1) === host ? undefined : false;
}

/** Before the @, case matters (RFC 5321 §2.4), but most servers ignore it: so the result is uncertain. */
function isMailboxWithin(name: string, subtree: string): boolean | undefined {
  const [, local, domain = ''] = /^([^@"\s]+)@([^@]+)$/.exec(name) ?? [];
  const host = hostOf(domain);
  if (local === undefined || host === undefined) return undefined;
  if (!subtree.includes('@')) return isHostWithin(host, subtree);
  const mailbox = `${local}@${host}`;
  if (mailbox.toLowerCase() !== subtree.toLowerCase()) return false;
  return subtree.startsWith(`${local}@`) || undefined;
}

/**
 * A URI can be compared only if its host is a domain name, and all programs read its authority in the same
 * way (RFC 3986 §3.2).
 */
function isUriWithin(name: string, subtree: string): boolean | undefined {
  const authority = /^[a-z][a-z\d+.-]*:\/\/(?:[\w.~!$&'()*+,;=:%-]*@)?([\w.-]*)(?::\d*)?(?:[/?#]|$)/i.exec(
    name,
  );
  const host = hostOf(authority?.[1] ?? '');
  return host === undefined ? undefined : isHostWithin(host, subtree);
}

/** The subtree is one host. With a dot before it, it is all hosts below it. */
function isHostWithin(host: string, subtree: string): boolean | undefined {
  const isBelow = subtree.startsWith('.');
  const base = hostOf(isBelow ? subtree.slice(1) : subtree);
  if (base === undefined) return undefined;
  return isBelow ? host.endsWith(`.${base}`) : host === base;
}

/** A host in lower case. Accepts underscores, but no final dot, empty labels or addresses. */
function hostOf(text: string): string | undefined {
  const isHost = /^[a-z\d_-]{1,63}(\.[a-z\d_-]{1,63})*$/i.test(text) && parseIpAddress(text) === undefined;
  return isHost ? text.toLowerCase() : undefined;
}

function isDirectoryNameWithin(name: DistinguishedName, subtree: DistinguishedName): boolean | undefined {
  if (name.rdns.length < subtree.rdns.length) return false;
  return every(subtree.rdns.map((rdn, index) => isSameRdn(name.rdns[index] ?? [], rdn)));
}

function isSameRdn(rdn: readonly NameAttribute[], other: readonly NameAttribute[]): boolean | undefined {
  if (rdn.length !== other.length) return false;
  return every(rdn.map((attribute) => some(other.map((each) => isSameAttribute(attribute, each)))));
}

/** RFC 5280 §7.1: strings are compared without regard to their type, case and amount of white space. */
function isSameAttribute(attribute: NameAttribute, other: NameAttribute): boolean | undefined {
  if (attribute.type !== other.type) return false;
  if (Buffer.compare(attribute.der, other.der) === 0) return true;
  if (attribute.text === undefined || other.text === undefined) return undefined;
  return comparable(attribute.text) === comparable(other.text);
}

function comparable(text: string): string {
  return text.normalize('NFKC').toLowerCase().trim().replace(/\s+/g, ' ');
}

function every(answers: readonly (boolean | undefined)[]): boolean | undefined {
  if (answers.includes(false)) return false;
  return answers.includes(undefined) ? undefined : true;
}

function some(answers: readonly (boolean | undefined)[]): boolean | undefined {
  if (answers.includes(true)) return true;
  return answers.includes(undefined) ? undefined : false;
}

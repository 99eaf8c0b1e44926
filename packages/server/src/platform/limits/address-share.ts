// The unit of limits for addresses: one IPv4 address, or one IPv6 /64. A /64 is the smallest network that a
// site gets (RFC 6177 §2), so a single host can use every address in it.
import { isIP } from 'node:net';

const GROUPS = 8;
const NETWORK_GROUPS = 4;
// IPv4 addresses inside IPv6: mapped (RFC 4291 §2.5.5.2), and from a translator (RFC 6052 §2.1). Each of
// these is a separate address.
const IPV4_PREFIXES = ['0:0:0:0:0:ffff', '64:ff9b:0:0:0:0'];

/**
 * The share that `address` belongs to: `192.0.2.1`, or `2001:db8:0:1::/64`. Text that is not an IP address,
 * such as `socket`, is its own share.
 */
export function addressShareOf(address: string): string {
  const [unscoped = ''] = address.split('%');
  if (isIP(unscoped) !== 6) return address;
  const groups = addressGroups(unscoped);
  if (IPV4_PREFIXES.includes(groups.slice(0, 6).join(':'))) return dottedDecimal(groups.slice(6));
  return `${network(groups.slice(0, NETWORK_GROUPS))}::/64`;
}

/** The eight groups of an IPv6 address without a zone, in lower case and without leading zeros. */
export function addressGroups(address: string): string[] {
  const [head = '', tail] = address.split('::');
  const left = groupsIn(head);
  const right = groupsIn(tail ?? '');
  return [...left, ...new Array<string>(GROUPS - left.length - right.length).fill('0'), ...right];
}

/** Without the zeros that the `::` after it replaces. */
function network(groups: readonly string[]): string {
  return groups.slice(0, groups.findLastIndex((group) => group !== '0') + 1).join(':');
}

function groupsIn(text: string): string[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => (group.includes('.') ? hexGroups(group) : [normal(group)]));
}

function normal(group: string): string {
  return Number.parseInt(group, 16).toString(16);
}

/** The last 32 bits of an IPv6 address may be written as an IPv4 address (RFC 4291 §2.2). */
function hexGroups(ipv4: string): string[] {
  const [a = 0, b = 0, c = 0, d = 0] = ipv4.split('.').map(Number);
  return [((a << 8) | b).toString(16), ((c << 8) | d).toString(16)];
}

function dottedDecimal(groups: readonly string[]): string {
  const octets = groups
    .map((group) => Number.parseInt(group, 16))
    .flatMap((bits) => [bits >> 8, bits & 0xff]);
  return octets.join('.');
}

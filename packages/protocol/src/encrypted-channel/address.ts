// The unit for limits: one IPv4 address, or one IPv6 /64, the smallest network of a site (RFC 6177 §2).

const NETWORK_GROUPS = 4;
const MAPPED_IPV4 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/**
 * `192.0.2.1`, or `2001:db8:0:1::/64`. Takes an address in the system's form (RFC 5952).
 * @example
 * const answer = await endpoint.fetch(request, { address: networkOf(socket.remoteAddress) });
 */
export function networkOf(address: string): string {
  const [unscoped = ''] = address.split('%');
  if (!unscoped.includes(':')) return unscoped;
  const mapped = MAPPED_IPV4.exec(unscoped)?.[1];
  if (mapped !== undefined) return mapped;
  const [head = '', tail] = unscoped.split('::');
  const left = groupsIn(head);
  const right = tail === undefined ? [] : groupsIn(tail);
  const zeros = new Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0');
  return `${[...left, ...zeros, ...right].slice(0, NETWORK_GROUPS).join(':')}::/64`;
}

function groupsIn(text: string): string[] {
  return text === '' ? [] : text.split(':');
}

// IP addresses as text (RFC 4291 §2.2, RFC 5952) and as the 4 or 16 octets of a certificate (RFC 5280
// §4.2.1.6). Refuses zone identifiers, leading zeros in IPv4, and every abbreviation other than `::`.

/** The octets of an IPv4 or IPv6 address. `undefined` if the text is neither. */
export function parseIpAddress(text: string): Uint8Array | undefined {
  const octets = text.includes(':') ? parseIpv6(text) : parseIpv4(text);
  return octets && new Uint8Array(octets);
}

/**
 * The canonical text: dotted decimal for 4 octets, RFC 5952 for 16. `undefined` for any other number of
 * octets.
 */
export function formatIpAddress(octets: Uint8Array): string | undefined {
  if (octets.length === 4) return octets.join('.');
  return octets.length === 16 ? formatIpv6(octets) : undefined;
}

const IPV4_OCTET = '(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const IPV4 = new RegExp(`^${IPV4_OCTET}\\.${IPV4_OCTET}\\.${IPV4_OCTET}\\.${IPV4_OCTET}$`);

function parseIpv4(text: string): number[] | undefined {
  return IPV4.exec(text)?.slice(1).map(Number);
}

function parseIpv6(text: string): number[] | undefined {
  const [left = '', right, ...others] = text.split('::');
  if (others.length > 0) return undefined;
  const head = parseGroups(left, right === undefined);
  const tail = right === undefined ? [] : parseGroups(right, true);
  if (head === undefined || tail === undefined) return undefined;
  const missing = 16 - head.length - tail.length;
  if (right === undefined ? missing !== 0 : missing < 2) return undefined;
  return [...head, ...new Array<number>(missing).fill(0), ...tail];
}

/** Groups of up to four hex digits. The end of the address may be an IPv4 address (RFC 4291 §2.2). */
function parseGroups(text: string, endsAddress: boolean): number[] | undefined {
  if (text === '') return [];
  const groups = text.split(':');
  const octets = groups.map((group, index) => {
    if (group.includes('.')) return endsAddress && index === groups.length - 1 ? parseIpv4(group) : undefined;
    return /^[0-9a-f]{1,4}$/i.test(group)
      ? [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff]
      : undefined;
  });
  return octets.every((group) => group !== undefined) ? octets.flat() : undefined;
}

/** Lower case, no leading zeros, the first longest run of two or more zero groups as `::` (RFC 5952 §4). */
function formatIpv6(octets: Uint8Array): string {
  const groups = Array.from(
    { length: 8 },
    (_, index) => ((octets[index * 2] ?? 0) << 8) | (octets[index * 2 + 1] ?? 0),
  );
  const runs = groups.map((_, start) => zeroRunLength(groups, start));
  const longest = Math.max(...runs);
  const hex = groups.map((group) => group.toString(16));
  if (longest < 2) return hex.join(':');
  const start = runs.indexOf(longest);
  return `${hex.slice(0, start).join(':')}::${hex.slice(start + longest).join(':')}`;
}

function zeroRunLength(groups: readonly number[], start: number): number {
  const end = groups.findIndex((group, index) => index >= start && group !== 0);
  return (end === -1 ? groups.length : end) - start;
}

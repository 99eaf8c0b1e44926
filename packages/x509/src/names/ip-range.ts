// Ranges of IP addresses as text (RFC 4632 §3.1) and as the 8 or 32 octets of a name constraint (RFC 5280
// §4.2.1.10). Refuses masks that are not a prefix. Clears the bits of the address outside of the mask.
import { formatIpAddress, parseIpAddress } from './ip-address.ts';

/**
 * Address and mask of a range such as `10.0.0.0/8`, or of one address. `undefined` if the text is neither.
 */
export function parseIpRange(text: string): Uint8Array | undefined {
  const [, base = text, digits] = /^([^/]*)\/(\d{1,3})$/.exec(text) ?? [];
  const address = parseIpAddress(base);
  if (address === undefined) return undefined;
  const prefix = digits === undefined ? address.length * 8 : Number(digits);
  if (prefix > address.length * 8) return undefined;
  const mask = address.map((_, index) => maskOctet(prefix - index * 8));
  return Buffer.concat([address.map((octet, index) => octet & (mask[index] ?? 0)), mask]);
}

/**
 * The text of a range, such as `10.0.0.0/8`. `undefined` for another number of octets, or a mask that is not
 * a prefix.
 */
export function formatIpRange(octets: Uint8Array): string | undefined {
  const [address, mask] = halves(octets);
  const text = formatIpAddress(address.map((octet, index) => octet & (mask[index] ?? 0)));
  const bits = [...mask].map((octet) => octet.toString(2).padStart(8, '0')).join('');
  const [, ones] = /^(1*)0*$/.exec(bits) ?? [];
  return text === undefined || ones === undefined ? undefined : `${text}/${ones.length}`;
}

/** Whether an address lies in a range, both as text. `undefined` if either is malformed. */
export function isInIpRange(address: string, range: string): boolean | undefined {
  const octets = parseIpAddress(address);
  const both = parseIpRange(range);
  if (octets === undefined || both === undefined) return undefined;
  const [base, mask] = halves(both);
  if (octets.length !== base.length) return false;
  return octets.every((octet, index) => (octet & (mask[index] ?? 0)) === base[index]);
}

function halves(octets: Uint8Array): [Uint8Array, Uint8Array] {
  return [octets.subarray(0, octets.length / 2), octets.subarray(octets.length / 2)];
}

/** The octet of a mask that has `bits` more bits to set. */
function maskOctet(bits: number): number {
  return (0xff << (8 - Math.min(Math.max(bits, 0), 8))) & 0xff;
}

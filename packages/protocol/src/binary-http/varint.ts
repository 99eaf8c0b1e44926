// Variable-length integers (RFC 9000 §16), as Binary HTTP and chunked Oblivious HTTP use them. Refuses
// numbers that are not exact in JavaScript. Accepts longer forms than necessary, as the standard requires.
import type { Bytes } from '../crypto/primitives.ts';

/** The length of the integer that begins with this octet. */
export function varintLength(first: number): 1 | 2 | 4 | 8 {
  return (1 << (first >> 6)) as 1 | 2 | 4 | 8;
}

/** The integer at `at`; undefined if it is not complete, or too large. */
export function readVarint(octets: Uint8Array, at: number): number | undefined {
  const first = octets[at];
  if (first === undefined) return undefined;
  const length = varintLength(first);
  if (octets.length - at < length) return undefined;
  let value = first & 0x3f;
  for (let index = 1; index < length; index++) value = value * 256 + (octets[at + index] as number);
  return Number.isSafeInteger(value) ? value : undefined;
}

/** The shortest form. */
export function varint(value: number): Bytes {
  if (value < 0x40) return Uint8Array.of(value);
  if (value < 0x4000) return Uint8Array.of(0x40 | (value >> 8), value & 0xff);
  const length = value < 0x40000000 ? 4 : 8;
  const octets = new Uint8Array(length);
  for (let at = length - 1, rest = value; at >= 0; at--, rest = Math.floor(rest / 256))
    octets[at] = rest % 256;
  octets[0] = (octets[0] as number) | (length === 4 ? 0x80 : 0xc0);
  return octets;
}

// Joins octets.
import type { Bytes } from './crypto/primitives.ts';

/** All parts, joined. */
export function concatBytes(...parts: readonly Uint8Array[]): Bytes {
  const joined = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** Numbers of 16 bits, in network order. */
export function uint16s(...values: readonly number[]): Bytes {
  return Uint8Array.from(values.flatMap((value) => [value >> 8, value & 0xff]));
}

/** The characters of ASCII as octets. */
export function ascii(text: string): Bytes {
  return new TextEncoder().encode(text);
}

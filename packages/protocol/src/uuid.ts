// Random identifiers: UUID version 4 (RFC 9562 §5.4). The caller gives the random generator.
import type { Bytes, RandomBytes } from './crypto/primitives.ts';

/** The 16 octets of a UUIDv4. */
export function uuidOctets(random: RandomBytes): Bytes {
  const octets = random(16);
  octets[6] = ((octets[6] ?? 0) & 0x0f) | 0x40;
  octets[8] = ((octets[8] ?? 0) & 0x3f) | 0x80;
  return octets;
}

/** The text form of these octets. */
export function uuidText(octets: Uint8Array): string {
  const hex = octets.toHex();
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

// Random identifiers: UUID version 4 (RFC 9562 §5.4). The caller gives the random generator.
import type { RandomBytes } from './crypto/primitives.ts';

/** A UUIDv4 in its lower-case text form. */
export function createUuid(random: RandomBytes): string {
  const bytes = random(16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toHex().replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

// Base32 of RFC 4648 §6, in lower case and without padding: safe in URLs and shells, and a double click
// selects it.
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

/**
 * In lower case and without padding (RFC 4648 §6).
 * @example
 * const id = base32(randomBytes(10));
 */
export function base32(bytes: Uint8Array): string {
  let text = '';
  let buffer = 0;
  let bits = 0;
  for (const byte of bytes) {
    buffer = (buffer << 8) | byte;
    for (bits += 8; bits >= 5; bits -= 5) text += ALPHABET[(buffer >>> (bits - 5)) & 31];
    buffer &= (1 << bits) - 1;
  }
  return bits > 0 ? text + ALPHABET[(buffer << (5 - bits)) & 31] : text;
}

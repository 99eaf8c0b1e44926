// base64url with padding (RFC 4648 §5), as in Fernet. Refuses white space, missing or additional padding,
// other alphabets, and trailing bits that are not zero (§3.5), so that each byte string has exactly one text.
import type { Bytes } from './crypto/primitives.ts';
import { ProtocolError } from './errors.ts';

/**
 * Encodes bytes as base64url with padding (RFC 4648 §5).
 * @example
 * encodeBase64url(Uint8Array.of(255)); // '_w=='
 */
export function encodeBase64url(bytes: Uint8Array): string {
  return bytes.toBase64({ alphabet: 'base64url' });
}

/**
 * Decodes base64url with padding.
 * @throws ProtocolError `base64url_invalid` for any text that `encodeBase64url` would not write
 * @example
 * decodeBase64url('_w=='); // Uint8Array [255]
 */
export function decodeBase64url(text: string): Bytes {
  const bytes = tryDecodeBase64url(text, (length) => new Uint8Array(length));
  if (bytes !== undefined) return bytes;
  throw new ProtocolError('base64url_invalid', 'The text is not canonical base64url with padding.');
}

/**
 * The same in memory from `allocate`; undefined for text that is not canonical. The native decoder skips
 * white space (tc39 proposal-arraybuffer-base64), so text with white space gives fewer bytes than its length
 * says.
 */
export function tryDecodeBase64url(text: string, allocate: (length: number) => Bytes): Bytes | undefined {
  if (text.length % 4 !== 0) return undefined;
  const bytes = allocate((text.length / 4) * 3 - paddingOf(text));
  try {
    const { read, written } = bytes.setFromBase64(text, STRICT);
    return read === text.length && written === bytes.length ? bytes : undefined;
  } catch {
    return undefined;
  }
}

const STRICT = { alphabet: 'base64url', lastChunkHandling: 'strict' } as const;

function paddingOf(text: string): number {
  if (text.endsWith('==')) return 2;
  return text.endsWith('=') ? 1 : 0;
}

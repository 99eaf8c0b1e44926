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
  const bytes = decodeOrUndefined(text);
  // The native decoder skips white space (tc39 proposal-arraybuffer-base64). A longer text shows that there
  // was some.
  if (bytes === undefined || text.length !== 4 * Math.ceil(bytes.length / 3)) {
    throw new ProtocolError('base64url_invalid', 'The text is not canonical base64url with padding.');
  }
  return bytes;
}

function decodeOrUndefined(text: string): Bytes | undefined {
  try {
    return Uint8Array.fromBase64(text, { alphabet: 'base64url', lastChunkHandling: 'strict' });
  } catch {
    return undefined;
  }
}

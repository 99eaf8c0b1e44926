// base64url with padding (RFC 4648 §5), as Fernet writes it. Refuses whitespace, missing or extra padding, other
// alphabets and non-zero trailing bits (§3.5), so that each byte string has exactly one text.
import type { Bytes } from './crypto/primitives.ts';
import { ProtocolError } from './errors.ts';

/** The padded base64url text of `bytes` (RFC 4648 §5). */
export function encodeBase64url(bytes: Uint8Array): string {
  return bytes.toBase64({ alphabet: 'base64url' });
}

/**
 * The bytes of a padded, canonical base64url text.
 * Throws ProtocolError `base64url_invalid` for any text that `encodeBase64url` would not have written.
 */
export function decodeBase64url(text: string): Bytes {
  const bytes = decodeOrUndefined(text);
  // The native decoder passes over whitespace (tc39 proposal-arraybuffer-base64), which makes the text longer.
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

// The stanzas in the header of an age file (c2sp.org/age): each has the key of the file, encrypted for one
// recipient with ChaCha20-Poly1305.
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { ALTERED, unreadable } from './unreadable.ts';

export interface Stanza {
  /** The type and its arguments. */
  words: readonly string[];
  body: Buffer;
}

/** A recipient of a file. */
export interface Recipient {
  wrap(fileKey: Buffer): Promise<Stanza>;
}

/** A key or passphrase that can open a file. */
export interface Identity {
  /** The key of the file. Throws `backup_unreadable`. */
  unwrap(stanzas: readonly Stanza[]): Promise<Buffer>;
}

export const FILE_KEY_BYTES = 16;
const TAG_BYTES = 16;
const WRAPPED_BYTES = FILE_KEY_BYTES + TAG_BYTES;
const ZERO_NONCE = Buffer.alloc(12);

export function wrap(wrapKey: Uint8Array, fileKey: Buffer): Buffer {
  const cipher = createCipheriv('chacha20-poly1305', wrapKey, ZERO_NONCE, { authTagLength: TAG_BYTES });
  return Buffer.concat([cipher.update(fileKey), cipher.final(), cipher.getAuthTag()]);
}

/** Undefined if it was wrapped with another key. */
export function unwrap(wrapKey: Uint8Array, wrapped: Buffer): Buffer | undefined {
  if (wrapped.length !== WRAPPED_BYTES) throw unreadable(ALTERED);
  const cipher = createDecipheriv('chacha20-poly1305', wrapKey, ZERO_NONCE, { authTagLength: TAG_BYTES });
  cipher.setAuthTag(wrapped.subarray(FILE_KEY_BYTES));
  const fileKey = cipher.update(wrapped.subarray(0, FILE_KEY_BYTES));
  try {
    cipher.final();
    return fileKey;
  } catch {
    return undefined;
  }
}

/** RFC 4648 §4 without padding. */
export function base64(octets: Uint8Array): string {
  return Buffer.from(octets).toString('base64').replaceAll('=', '');
}

/** Only the canonical spelling (RFC 4648 §3.5), so that no character can change without effect. */
export function decodeBase64(text: string | undefined, length?: number): Buffer {
  const octets = Buffer.from(text ?? '', 'base64');
  if ((length !== undefined && octets.length !== length) || base64(octets) !== text)
    throw unreadable(ALTERED);
  return octets;
}

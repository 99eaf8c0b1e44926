// Fernet (the Fernet specification, version 0x80): AES-128-CBC, then HMAC-SHA-256 over version, time, IV and
// ciphertext. Refuses all bad tokens with the same error, and checks the MAC before it decrypts.
import { primitives as platform } from '#crypto';
import { encodeBase64url } from './base64url.ts';
import type { Bytes, CryptoPrimitives, RandomBytes } from './crypto/primitives.ts';
import { randomInAdvance } from './crypto/random-in-advance.ts';
import { type FernetDecryptOptions, isFresh, requireDurations } from './fernet/age.ts';
import { createTokenCipher, type TokenCipher } from './fernet/cipher.ts';
import { FernetError } from './fernet/key.ts';
import { BLOCK_LENGTH, decodeToken, timeOf } from './fernet/token.ts';

export { FernetError };

/** The clock and the random generator of a Fernet. */
export interface FernetOptions {
  /** Milliseconds since the epoch; `Date.now` by default. */
  clock?: () => number;
  /** The generator of initialisation vectors; that of the platform by default. */
  random?: RandomBytes;
  primitives?: CryptoPrimitives;
}

/** One key, or several: the first encrypts, and all decrypt. */
export type FernetKeys = string | Uint8Array | readonly (string | Uint8Array)[];

/** Encrypts and decrypts with one key, or with a list of keys. */
export interface Fernet {
  /** The token of `plaintext`, with the current second. Text is encoded as UTF-8. */
  encrypt(plaintext: Uint8Array | string): Promise<string>;
  /**
   * The plaintext of `token`. Throws FernetError `fernet_invalid_token`, and TypeError for a limit that is
   * not a duration.
   */
  decrypt(token: string, options?: FernetDecryptOptions): Promise<Bytes>;
  /** Whether the token was made with one of the keys, at any time. */
  isAuthentic(token: string): Promise<boolean>;
}

/**
 * Creates a Fernet with this key: 32 bytes, or their base64url with padding. With a list of keys, the first
 * encrypts and all of them decrypt, so that keys can be rotated.
 * @throws FernetError `fernet_invalid_key`
 * @example
 * const token = await createFernet(key).encrypt('hello');
 * const rotated = createFernet([newKey, oldKey]);
 */
export function createFernet(keys: FernetKeys, options: FernetOptions = {}): Fernet {
  const { clock = Date.now, primitives = platform } = options;
  const nextIv = options.random ?? randomInAdvance(primitives.randomBytes);
  const ciphers = keysOf(keys).map((key) => createTokenCipher(key, primitives));
  const [first] = ciphers;
  if (first === undefined) throw new FernetError('fernet_invalid_key', 'The list of Fernet keys is empty.');
  const now = () => Math.floor(clock() / 1000);

  return {
    async encrypt(plaintext) {
      const bytes = typeof plaintext === 'string' ? new TextEncoder().encode(plaintext) : plaintext;
      const token = first.seal(bytes, now(), nextIv(BLOCK_LENGTH));
      return encodeBase64url(token instanceof Promise ? await token : token);
    },
    async decrypt(token, limits = {}) {
      requireDurations(limits);
      const octets = decodeToken(token);
      const isAcceptable = octets !== undefined && isFresh(timeOf(octets), now(), limits);
      const plaintext = isAcceptable ? await openWithAny(ciphers, octets) : undefined;
      // All failures throw here, so that message and stack are always the same.
      if (plaintext === undefined) throw new FernetError('fernet_invalid_token', 'The token is not valid.');
      return plaintext;
    },
    async isAuthentic(token) {
      const octets = decodeToken(token);
      if (octets === undefined) return false;
      for (const cipher of ciphers) if (await cipher.authenticates(octets)) return true;
      return false;
    },
  };
}

/** The list of keys. */
export function keysOf(keys: FernetKeys): readonly (string | Uint8Array)[] {
  return typeof keys === 'string' || keys instanceof Uint8Array ? [keys] : keys;
}

async function openWithAny(ciphers: readonly TokenCipher[], token: Bytes): Promise<Bytes | undefined> {
  for (const cipher of ciphers) {
    const opened = cipher.open(token);
    const plaintext = opened instanceof Promise ? await opened : opened;
    if (plaintext !== undefined) return plaintext;
  }
  return undefined;
}

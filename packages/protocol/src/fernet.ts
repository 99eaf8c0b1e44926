// Fernet (the Fernet specification, version 0x80): AES-128-CBC, then HMAC-SHA-256 over version, time, IV and
// ciphertext. Refuses all bad tokens with the same error, and checks the MAC before it decrypts.
import { primitives as platform } from '#crypto';
import { decodeBase64url, encodeBase64url } from './base64url.ts';
import type { AesCbc, Bytes, CryptoPrimitives, MaybePromise, RandomBytes } from './crypto/primitives.ts';
import { ProtocolError } from './errors.ts';

const VERSION = 0x80;
const KEY_LENGTH = 32;
const TIME_OFFSET = 1;
const IV_OFFSET = 9;
const CIPHERTEXT_OFFSET = 25;
const MAC_LENGTH = 32;
const BLOCK_LENGTH = 16;

/**
 * A bad token or a bad key. The error does not say which part of a token is wrong.
 * @example
 * if (error instanceof FernetError && error.code === 'fernet_invalid_token') refuse();
 */
export class FernetError extends ProtocolError<'fernet_invalid_token' | 'fernet_invalid_key'> {}

/** The clock and the random generator of a Fernet. */
export interface FernetOptions {
  /** Milliseconds since the epoch; `Date.now` by default. */
  clock?: () => number;
  /** The generator of initialisation vectors; that of the platform by default. */
  random?: RandomBytes;
  primitives?: CryptoPrimitives;
}

/** The limits for the age of a token. */
export interface FernetDecryptOptions {
  /** Refuses tokens that are older. Without this limit the time of a token is not checked. */
  ttlSeconds?: number;
  /** With `ttlSeconds`: how far the time of a token may lie in the future; 60 by default. */
  maxClockSkewSeconds?: number;
}

/** Encrypts and decrypts with one key. */
export interface Fernet {
  /** The token of `plaintext`, with the current second. Text is encoded as UTF-8. */
  encrypt(plaintext: Uint8Array | string): Promise<string>;
  /**
   * The plaintext of `token`. Throws FernetError `fernet_invalid_token`, and TypeError for a limit that is
   * not a duration.
   */
  decrypt(token: string, options?: FernetDecryptOptions): Promise<Bytes>;
}

/**
 * Generates a Fernet key: 32 random bytes as base64url with padding.
 * @example
 * const fernet = createFernet(generateFernetKey());
 */
export function generateFernetKey(random: RandomBytes = platform.randomBytes): string {
  return encodeBase64url(random(KEY_LENGTH));
}

/**
 * Creates a Fernet with this key: 32 bytes, or their base64url with padding. The first half signs, the second
 * half encrypts.
 * @throws FernetError `fernet_invalid_key`
 * @example
 * const token = await createFernet(key).encrypt('hello');
 */
export function createFernet(key: string | Uint8Array, options: FernetOptions = {}): Fernet {
  const { clock = Date.now, primitives = platform, random = primitives.randomBytes } = options;
  const secret = parseKey(key);
  const cipher = primitives.aes128Cbc(secret.subarray(16));
  const authority: TokenAuthority = {
    mac: primitives.hmacSha256(secret.subarray(0, 16)),
    equal: primitives.equalInConstantTime,
  };
  const now = () => Math.floor(clock() / 1000);

  return {
    async encrypt(plaintext) {
      const iv = random(BLOCK_LENGTH);
      const bytes = typeof plaintext === 'string' ? new TextEncoder().encode(plaintext) : plaintext;
      return sealToken(authority, { time: now(), iv, ciphertext: await cipher.encrypt(iv, bytes) });
    },
    async decrypt(token, limits = {}) {
      requireDurations(limits);
      const parts = await openToken(authority, token);
      const fresh = parts !== undefined && isFresh(parts.time, now(), limits);
      const plaintext = fresh ? await decryptOrUndefined(cipher, parts) : undefined;
      // All failures throw here, so that neither the message nor the stack differs.
      if (plaintext === undefined) throw new FernetError('fernet_invalid_token', 'The token is not valid.');
      return plaintext;
    },
  };
}

interface TokenAuthority {
  mac(data: Uint8Array): MaybePromise<Bytes>;
  equal(left: Uint8Array, right: Uint8Array): boolean;
}

interface TokenParts {
  time: number;
  iv: Uint8Array;
  ciphertext: Uint8Array;
}

function parseKey(key: string | Uint8Array): Uint8Array {
  const bytes = typeof key === 'string' ? decodeOrUndefined(key) : Uint8Array.from(key);
  if (bytes?.length === KEY_LENGTH) return bytes;
  throw new FernetError('fernet_invalid_key', 'A Fernet key is 32 bytes, written as padded base64url.');
}

async function sealToken(authority: TokenAuthority, parts: TokenParts): Promise<string> {
  const macOffset = CIPHERTEXT_OFFSET + parts.ciphertext.length;
  const token = new Uint8Array(macOffset + MAC_LENGTH);
  token[0] = VERSION;
  new DataView(token.buffer).setBigUint64(TIME_OFFSET, BigInt(parts.time));
  token.set(parts.iv, IV_OFFSET);
  token.set(parts.ciphertext, CIPHERTEXT_OFFSET);
  token.set(await authority.mac(token.subarray(0, macOffset)), macOffset);
  return encodeBase64url(token);
}

async function openToken(authority: TokenAuthority, text: string): Promise<TokenParts | undefined> {
  const token = decodeOrUndefined(text);
  if (token === undefined || token[0] !== VERSION || !hasWholeBlocks(token)) return undefined;
  const macOffset = token.length - MAC_LENGTH;
  const expected = await authority.mac(token.subarray(0, macOffset));
  if (!authority.equal(token.subarray(macOffset), expected)) return undefined;
  return {
    time: Number(new DataView(token.buffer).getBigUint64(TIME_OFFSET)),
    iv: token.subarray(IV_OFFSET, CIPHERTEXT_OFFSET),
    ciphertext: token.subarray(CIPHERTEXT_OFFSET, macOffset),
  };
}

function hasWholeBlocks(token: Uint8Array): boolean {
  const length = token.length - CIPHERTEXT_OFFSET - MAC_LENGTH;
  return length >= BLOCK_LENGTH && length % BLOCK_LENGTH === 0;
}

function isFresh(time: number, now: number, limits: FernetDecryptOptions): boolean {
  const { ttlSeconds, maxClockSkewSeconds = 60 } = limits;
  if (ttlSeconds === undefined) return true;
  return time + ttlSeconds >= now && time <= now + maxClockSkewSeconds;
}

async function decryptOrUndefined(cipher: AesCbc, parts: TokenParts): Promise<Bytes | undefined> {
  try {
    return await cipher.decrypt(parts.iv, parts.ciphertext);
  } catch {
    return undefined;
  }
}

function decodeOrUndefined(text: string): Bytes | undefined {
  try {
    return decodeBase64url(text);
  } catch {
    return undefined;
  }
}

// NaN and negative limits would accept all tokens or none.
function requireDurations({ ttlSeconds = 0, maxClockSkewSeconds = 0 }: FernetDecryptOptions): void {
  if (ttlSeconds >= 0 && maxClockSkewSeconds >= 0) return;
  throw new TypeError('ttlSeconds and maxClockSkewSeconds are numbers of seconds, zero or more.');
}

// Fernet (the Fernet specification, version 0x80): AES-128-CBC, then HMAC-SHA-256 over version, time, IV and ciphertext.
// Refuses every bad token with one indistinguishable error, and decrypts nothing whose MAC it has not checked.
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

/** A bad token or a bad key; which part of a token was wrong is never told. */
export class FernetError extends ProtocolError<'fernet_invalid_token' | 'fernet_invalid_key'> {}

export interface FernetOptions {
  /** Milliseconds since the epoch; `Date.now` by default. */
  clock?: () => number;
  /** Source of initialisation vectors; the platform's generator by default. */
  random?: RandomBytes;
  primitives?: CryptoPrimitives;
}

export interface FernetDecryptOptions {
  /** Refuses tokens older than this. Without it a token's time is not looked at. */
  ttlSeconds?: number;
  /** How far in the future a token's time may lie when `ttlSeconds` is given; 60 by default. */
  maxClockSkewSeconds?: number;
}

export interface Fernet {
  /** The token of `plaintext` (text is taken as UTF-8), stamped with the clock's second. */
  encrypt(plaintext: Uint8Array | string): Promise<string>;
  /** The plaintext of `token`. Throws FernetError `fernet_invalid_token`; TypeError for a ttl or skew that is no duration. */
  decrypt(token: string, options?: FernetDecryptOptions): Promise<Bytes>;
}

/** A new Fernet key: 32 random bytes as padded base64url. */
export function generateFernetKey(random: RandomBytes = platform.randomBytes): string {
  return encodeBase64url(random(KEY_LENGTH));
}

/**
 * Encrypts and decrypts under `key`: padded base64url of 32 bytes, or the 32 bytes; the first half signs, the second encrypts.
 * Throws FernetError `fernet_invalid_key`.
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
      // The only place that throws: neither the message nor the stack tells one failure from another.
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

// NaN and negative limits would let every token pass, or none.
function requireDurations({ ttlSeconds = 0, maxClockSkewSeconds = 0 }: FernetDecryptOptions): void {
  if (ttlSeconds >= 0 && maxClockSkewSeconds >= 0) return;
  throw new TypeError('ttlSeconds and maxClockSkewSeconds are numbers of seconds, zero or more.');
}

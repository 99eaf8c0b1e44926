// The octets of a Fernet token (Fernet specification, "Token format"): version, time, IV, ciphertext, HMAC.
// Splits a token without a key, so the parts are not verified.
import { tryDecodeBase64url } from '../base64url.ts';
import type { Bytes } from '../crypto/primitives.ts';
import { createSlab } from '../slab.ts';

const FERNET_VERSION = 0x80;
export const BLOCK_LENGTH = 16;
const TIME_OFFSET = 1;
const IV_OFFSET = 9;
const CIPHERTEXT_OFFSET = 25;
const MAC_LENGTH = 32;

/** The fields of a token, as views of its octets. */
export interface FernetTokenFields {
  /** Seconds since the epoch. */
  timeSeconds: number;
  iv: Bytes;
  ciphertext: Bytes;
  /** HMAC-SHA-256 over all octets before it. */
  hmac: Bytes;
}

/**
 * Splits a token, from its text or its octets. Returns undefined if it is not a token of version 0x80.
 * Verifies nothing, because that needs the key.
 * @example
 * const issued = readFernetToken(token)?.timeSeconds;
 */
export function readFernetToken(token: string | Bytes): FernetTokenFields | undefined {
  const octets = typeof token === 'string' ? decodeToken(token) : token;
  if (octets === undefined || !hasTokenForm(octets)) return undefined;
  const { iv, ciphertext, hmac } = fieldsOf(octets);
  return { timeSeconds: timeOf(octets), iv, ciphertext, hmac };
}

const SLAB_BYTES = 8 * 1024;
const allocate = createSlab(SLAB_BYTES);

/** The octets of a token; undefined if the text is not a token of version 0x80. Verifies nothing. */
export function decodeToken(text: string): Bytes | undefined {
  const octets = tryDecodeBase64url(text, allocate);
  return octets && hasTokenForm(octets) ? octets : undefined;
}

function hasTokenForm(octets: Bytes): boolean {
  const ciphertextLength = octets.length - CIPHERTEXT_OFFSET - MAC_LENGTH;
  const isWhole = ciphertextLength >= BLOCK_LENGTH && ciphertextLength % BLOCK_LENGTH === 0;
  return isWhole && octets[0] === FERNET_VERSION;
}

/** The time of a token, in seconds since the epoch. Without a BigInt, which takes longer. */
export function timeOf(octets: Bytes): number {
  const view = viewOf(octets);
  return view.getUint32(TIME_OFFSET) * 2 ** 32 + view.getUint32(TIME_OFFSET + 4);
}

/** A buffer for a token with this many octets of plaintext, with version, time and IV. */
export function startToken(plaintextLength: number, timeSeconds: number, iv: Uint8Array): Bytes {
  const octets = allocate(tokenLength(plaintextLength));
  octets[0] = FERNET_VERSION;
  viewOf(octets).setBigUint64(TIME_OFFSET, BigInt(timeSeconds));
  octets.set(iv, IV_OFFSET);
  return octets;
}

/** The places of the fields in the octets of a token. */
export function fieldsOf(octets: Bytes): { iv: Bytes; ciphertext: Bytes; authenticated: Bytes; hmac: Bytes } {
  const end = octets.length - MAC_LENGTH;
  return {
    iv: octets.subarray(IV_OFFSET, CIPHERTEXT_OFFSET),
    ciphertext: octets.subarray(CIPHERTEXT_OFFSET, end),
    authenticated: octets.subarray(0, end),
    hmac: octets.subarray(end),
  };
}

/** The length of a token with this many octets of plaintext. The padding is 1 to 16 octets. */
export function tokenLength(plaintextLength: number): number {
  const padded = plaintextLength - (plaintextLength % BLOCK_LENGTH) + BLOCK_LENGTH;
  return CIPHERTEXT_OFFSET + padded + MAC_LENGTH;
}

function viewOf({ buffer, byteOffset }: Bytes): DataView {
  return new DataView(buffer, byteOffset);
}

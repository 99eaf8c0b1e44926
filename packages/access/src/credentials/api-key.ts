// API keys: `ghk_<id>_<secret>_<crc32>`. The checksum separates typing errors from wrong keys, and lets
// secret scanners recognise a key. The secret has 160 random bits, so a plain SHA-256 is enough to store it.
// See docs/wire/api-key.md.
import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { GatehouseError } from '../errors/errors.ts';
import { base32 } from './base32.ts';

export const API_KEY_PREFIX = 'ghk_';
const PATTERN = /^ghk_([a-z2-7]{16})_([a-z2-7]{32})_([0-9a-f]{8})$/;

/** An API key in its parts. */
export interface ApiKey {
  id: string;
  secret: string;
}

/**
 * A new key and its text; the text is never stored.
 * @example
 * const { id, secret, text } = generateApiKey();
 */
export function generateApiKey(): ApiKey & { text: string } {
  const id = base32(randomBytes(10));
  const secret = base32(randomBytes(20));
  return { id, secret, text: formatApiKey({ id, secret }) };
}

/**
 * The text of a key, with its checksum.
 * @example
 * const text = formatApiKey({ id, secret });
 */
export function formatApiKey({ id, secret }: ApiKey): string {
  const body = `ghk_${id}_${secret}`;
  return `${body}_${checksum(body)}`;
}

/**
 * Throws `credential_malformed` if the text is not a key or was mistyped.
 * @example
 * const { id, secret } = parseApiKey(text);
 */
export function parseApiKey(text: string): ApiKey {
  const match = PATTERN.exec(text);
  const [, id, secret, sum] = match ?? [];
  if (id === undefined || secret === undefined) {
    throw new GatehouseError(
      'credential_malformed',
      'This is not a complete API key: it must look like ghk_…_…_….',
    );
  }
  if (checksum(`ghk_${id}_${secret}`) !== sum) {
    throw new GatehouseError(
      'credential_malformed',
      'The API key is incomplete or mistyped: copy the whole key again.',
    );
  }
  return { id, secret };
}

/**
 * The form in which a secret is stored: SHA-256, in lower-case hex.
 * @example
 * const secretHash = hashSecret(generateApiKey().secret);
 */
export function hashSecret(secret: string): string {
  return hash('sha256', secret, 'hex');
}

/**
 * A hash of `hashSecret` with one character for each octet: there are many of them in memory, and hex takes
 * twice as much.
 * @example
 * const facts = { name, roles, secretHash: packHash(row.secretHash), expiresAt };
 */
export function packHash(hex: string): string {
  return Buffer.from(hex, 'hex').toString('latin1');
}

/** `packed`: from `packHash`. */
export function secretMatches(secret: string, packed: string): boolean {
  return timingSafeEqual(hash('sha256', secret, 'buffer'), Buffer.from(packed, 'latin1'));
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(8, '0');
}

// API keys: `ghk_<id>_<secret>_<crc32>`. The checksum lets a typing error be told from a wrong key and lets secret scanners
// recognise one; the secret has 160 bits, so a plain SHA-256 at rest suffices. docs/wire/api-key.md
import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { GatehouseError } from '../platform/errors.ts';
import { base32 } from './base32.ts';

export const API_KEY_PREFIX = 'ghk_';
const PATTERN = /^ghk_([a-z2-7]{16})_([a-z2-7]{32})_([0-9a-f]{8})$/;

export interface ApiKey {
  id: string;
  secret: string;
}

/** A new key and its text; the text is never stored. */
export function generateApiKey(): ApiKey & { text: string } {
  const id = base32(randomBytes(10));
  const secret = base32(randomBytes(20));
  return { id, secret, text: formatApiKey({ id, secret }) };
}

export function formatApiKey({ id, secret }: ApiKey): string {
  const body = `ghk_${id}_${secret}`;
  return `${body}_${checksum(body)}`;
}

/** Throws `credential_malformed` when the text is not a key or was mistyped. */
export function parseApiKey(text: string): ApiKey {
  const match = PATTERN.exec(text);
  const [, id, secret, sum] = match ?? [];
  if (id === undefined || secret === undefined) {
    throw new GatehouseError(
      'credential_malformed',
      'This is not an API key: it must look like ghk_…_…_…, whole.',
    );
  }
  if (checksum(`ghk_${id}_${secret}`) !== sum) {
    throw new GatehouseError(
      'credential_malformed',
      'The API key was cut or mistyped: copy it again, whole.',
    );
  }
  return { id, secret };
}

export function hashSecret(secret: string): string {
  return hash('sha256', secret, 'hex');
}

export function secretMatches(secret: string, expected: string): boolean {
  return timingSafeEqual(Buffer.from(hashSecret(secret)), Buffer.from(expected));
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(8, '0');
}

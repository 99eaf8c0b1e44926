// Client secrets: `ghs_` and 256 random bits, so that a plain SHA-256 is enough to store one.
import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import { base32 } from '@gatehouse/access';
import type { SecretRow } from '../store/rows.ts';

const SECRET_OCTETS = 32;

/** A new secret; the text is never stored. */
export function generateClientSecret(): { text: string; hash: string } {
  const text = `ghs_${base32(randomBytes(SECRET_OCTETS))}`;
  return { text, hash: hash('sha256', text, 'hex') };
}

/** Whether the text is one of the secrets and has not ended. Takes equally long for each wrong text. */
export function secretIsOneOf(text: string, secrets: readonly SecretRow[], now: number): boolean {
  const digest = hash('sha256', text, 'buffer');
  let matches = false;
  for (const { hash: stored, ends_at: endsAt } of secrets) {
    const isThis = timingSafeEqual(digest, Buffer.from(stored, 'hex'));
    if (isThis && (endsAt === null || endsAt > now)) matches = true;
  }
  return matches;
}

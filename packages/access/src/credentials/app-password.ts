// Passwords that the server makes for a person’s programs: `ghp_` and 160 random bits, so a fast hash is
// enough to check one. The prefix distinguishes them from other passwords, and secret scanners recognise it.
import { randomBytes } from 'node:crypto';
import { base32 } from './base32.ts';

export const APP_PASSWORD_PREFIX = 'ghp_';

const BYTES = 20;

/**
 * A new password, which exists only here.
 * @example
 * const password = generateAppPassword();
 */
export function generateAppPassword(): string {
  return `${APP_PASSWORD_PREFIX}${base32(randomBytes(BYTES))}`;
}

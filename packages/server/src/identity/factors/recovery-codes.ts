// Recovery codes: look-up secrets for people who have lost their other factor (NIST SP 800-63B-4 §3.1.2).
// Each is used once. They have 120 random bits, too many to try them all, so a plain hash protects them at
// rest.
import { hash } from 'node:crypto';
import { base32 } from '@gatehouse/access';

const CODES = 10;
const BYTES = 15;
const GROUP = /.{4}/g;
const FORM = /^[a-z2-7]{24}$/;

/** Ten new codes, in groups of four characters: `abcd-efgh-…`. */
export function newRecoveryCodes(randomBytes: (length: number) => Uint8Array): string[] {
  return Array.from({ length: CODES }, () => (base32(randomBytes(BYTES)).match(GROUP) ?? []).join('-'));
}

/**
 * The hash of a code, independent of spaces and upper or lower case; undefined for a text of another form.
 *
 */
export function recoveryCodeHash(text: string): string | undefined {
  const code = text.replaceAll(/[\s-]/g, '').toLowerCase();
  return FORM.test(code) ? hash('sha256', code, 'base64url') : undefined;
}

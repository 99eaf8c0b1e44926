// Time-based one-time passwords (RFC 6238) in the form of authenticator apps: HMAC-SHA-1, six digits, 30
// seconds, and a secret of 160 bits (RFC 4226 §4).
import { Secret, TOTP } from 'otpauth';

/** The secret for an authenticator app. */
export interface TotpKey {
  /** In base32, which people can type. */
  secret: string;
  /** `otpauth://totp/…`, as a QR code has it. */
  uri: string;
}

export const TOTP_SECRET_BYTES = 20;
const ISSUER = 'Gatehouse';
/** How many steps a clock may differ, in either direction (RFC 6238 §5.2). */
const WINDOW = 1;
const CODE = /^\d{6}$/;

export function totpKey(secret: Uint8Array, user: string): TotpKey {
  const totp = totpOf(secret, user);
  return { secret: totp.secret.base32, uri: totp.toString() };
}

export function isTotpCode(code: string): boolean {
  return CODE.test(code);
}

/**
 * The time step of a valid code; undefined if it is wrong. `now`: milliseconds since the epoch.
 */
export function stepOf(code: string, secret: Uint8Array, now: number): number | undefined {
  if (!isTotpCode(code)) return undefined;
  const totp = totpOf(secret, '');
  const delta = totp.validate({ token: code, timestamp: now, window: WINDOW });
  return delta === null ? undefined : totp.counter({ timestamp: now }) + delta;
}

function totpOf(secret: Uint8Array, label: string): TOTP {
  // This copies the octets, because an array may share its buffer with others.
  const { buffer } = Uint8Array.from(secret);
  return new TOTP({ issuer: ISSUER, label, secret: new Secret({ buffer }) });
}

// The cookie of a session (RFC 6265). The prefix makes browsers refuse it from other hosts, for other paths and
// without TLS (RFC 6265bis §4.1.3.2). It has no Expires: the server knows when the session ends.
import { hash, randomBytes } from 'node:crypto';
import { base32 } from '@gatehouse/access';

/** At the control listener. The gateway has another. */
export const SESSION_COOKIE = '__Host-gatehouse-session';

const SECRET_BYTES = 32;
const ATTRIBUTES = 'Path=/; Secure; HttpOnly; SameSite=Lax';

/** A new value for a cookie: 256 random bits. */
export function newSecret(): string {
  return randomBytes(SECRET_BYTES).toString('base64url');
}

/** The id of the session with this secret: 160 bits of its SHA-256. */
export function sessionIdOf(secret: string): string {
  return base32(hash('sha256', secret, 'buffer').subarray(0, 20));
}

/**
 * The value of a cookie; undefined if there is none, or more than one. A comma ends nothing: the value of
 * another cookie may have one, and other hosts of the domain can set that cookie.
 */
export function cookieIn(header: string | undefined, name: string): string | undefined {
  const prefix = `${name}=`;
  const found = (header ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(prefix));
  return found.length === 1 ? found[0]?.slice(prefix.length) : undefined;
}

/** The field Set-Cookie. */
export function sessionCookie(secret: string): string {
  return `${SESSION_COOKIE}=${secret}; ${ATTRIBUTES}`;
}

/** The field Set-Cookie that removes the cookie. */
export const NO_SESSION_COOKIE = `${SESSION_COOKIE}=; Max-Age=0; ${ATTRIBUTES}`;

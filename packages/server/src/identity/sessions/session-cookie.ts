// The cookie of a session (RFC 6265). The prefix makes browsers refuse it from other hosts, for other paths
// and without TLS (RFC 6265bis §4.1.3.2). It has no Expires: the server knows when the session ends.
import { randomBytes } from 'node:crypto';

/** The cookie of the control listener. The gateway has another. */
export const SESSION_COOKIE = '__Host-gatehouse-session';

const SECRET_BYTES = 32;
const ATTRIBUTES = 'Path=/; Secure; HttpOnly; SameSite=Lax';

/** A new value for a cookie: 256 random bits. */
export function newSecret(): string {
  return randomBytes(SECRET_BYTES).toString('base64url');
}

/** The field Set-Cookie. */
export function sessionCookie(secret: string): string {
  return `${SESSION_COOKIE}=${secret}; ${ATTRIBUTES}`;
}

/** The field Set-Cookie that removes the cookie. */
export const NO_SESSION_COOKIE = `${SESSION_COOKIE}=; Max-Age=0; ${ATTRIBUTES}`;

// Logout tokens (OpenID Connect Back-Channel Logout 1.0 §2.4 and §2.6): a provider says that a person has
// signed out there. Refuses ID tokens, tokens without a signature by a key of the provider, and old ones.
import type { JWTPayload, JWTVerifyGetKey } from 'jose';

export interface LogoutToken {
  /** Its unique id. */
  jti: string;
  /** At least one of the two. */
  subject: string | undefined;
  sid: string | undefined;
}

export interface LogoutTokenChecks {
  keys: JWTVerifyGetKey;
  issuer: string;
  clientId: string;
  /** Milliseconds since the epoch. */
  now: number;
}

const EVENT = 'http://schemas.openid.net/event/backchannel-logout';
/** No algorithm with a shared secret, and not `none`. */
const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];
const TOLERANCE_SECONDS = 30;
/** The greatest age of a token. Its id must be remembered for the same time. */
export const LOGOUT_TOKEN_SECONDS = 600;

/** Throws an `Error` with the reason. */
export async function verifyLogoutToken(token: string, checks: LogoutTokenChecks): Promise<LogoutToken> {
  const { keys, issuer, clientId: audience, now } = checks;
  const { jwtVerify } = await import('jose');
  const { payload, protectedHeader } = await jwtVerify(token, keys, {
    issuer,
    audience,
    algorithms: ALGORITHMS,
    currentDate: new Date(now),
    clockTolerance: TOLERANCE_SECONDS,
    maxTokenAge: LOGOUT_TOKEN_SECONDS,
    requiredClaims: ['iat', 'jti', 'events'],
  });
  requireType(protectedHeader.typ);
  return contentOf(payload);
}

/** The type is only recommended (§2.4), but another type means another kind of token (RFC 8725 §3.11). */
function requireType(typ: unknown): void {
  if (typ === undefined || /^(?:logout\+jwt|jwt)$/i.test(String(typ))) return;
  throw new Error('its type is not logout+jwt');
}

function contentOf({ sub, sid, jti = '', nonce, events }: JWTPayload): LogoutToken {
  if (nonce !== undefined) throw new Error('it has a nonce, so it is not a logout token');
  if (typeof Object(events)[EVENT] !== 'object' || Object(events)[EVENT] === null) {
    throw new Error('its events do not name a logout');
  }
  if (sub === undefined && sid === undefined) throw new Error('it names neither a subject nor a session');
  if (typeof jti !== 'string' || jti === '') throw new Error('its jti is not a text');
  return { jti, subject: textOf(sub, 'sub'), sid: textOf(sid, 'sid') };
}

function textOf(value: unknown, claim: string): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string' && value !== '') return value;
  throw new Error(`its ${claim} is not a text`);
}

// Access tokens (RFC 6750, RFC 9068). Verified tokens are cached, but every use checks their dates and the
// user again.
import type { BoundedMap } from '../bounded-map.ts';
import { createBoundedMap } from '../bounded-map.ts';
import type { Clock } from '../clock.ts';
import { numericDate } from '../clock.ts';
import type { TokenTrust, VerifiedToken } from '../credentials/access-token.ts';
import { createTokenVerifier, expiredToken, requireNotAhead } from '../credentials/access-token.ts';
import { GatehouseError } from '../errors/errors.ts';
import type { Principal } from '../principals/principal.ts';
import type { Principals, UserFacts } from '../principals/principals.ts';
import { withFacts } from '../principals/with-facts.ts';
import { bearerToken, requireTokenCharacters } from './header-field.ts';
import type { WayIn } from './way-in.ts';

const TOKENS_CACHED = 8192;
const TOKEN_MAX_LENGTH = 8192;
// Failures of requests without a token (RFC 6750 §3.1).
const NO_TOKEN = new Set(['unauthenticated', 'client_certificate_invalid']);

/** A verified token, with its caller as of the user's facts. */
interface KnownToken {
  readonly token: VerifiedToken;
  user: UserFacts | undefined;
  principal: Principal | undefined;
}

/** `principals` may change while the way in is in use; `trust` may not. */
export function bearerWay(
  { users, endedSignIns }: Pick<Principals, 'users' | 'endedSignIns'>,
  trust: TokenTrust,
  clock: Clock,
): WayIn<string> {
  const verifier = createTokenVerifier(trust, clock);
  const cache: BoundedMap<string, KnownToken> = createBoundedMap(TOKENS_CACHED);

  function verifyNew(authorization: string): KnownToken {
    const text = bearerToken({ authorization, apiKey: undefined }) ?? '';
    requireTokenCharacters(text);
    if (text.length > TOKEN_MAX_LENGTH) {
      throw new GatehouseError('credential_malformed', 'The token is too long.');
    }
    const known = { token: verifier.verify(text), user: undefined, principal: undefined };
    // A copy, because the value may be a part of a longer one that would stay in memory with it.
    cache.set(Buffer.from(authorization, 'latin1').toString('latin1'), known);
    return known;
  }

  function requireValid(authorization: string, { token }: KnownToken): void {
    const now = numericDate(clock);
    requireNotAhead(token, now);
    if (token.expiresAt > now) return;
    cache.delete(authorization);
    throw expiredToken();
  }

  function requireOpen(sessionId: string | undefined): void {
    if (sessionId !== undefined && endedSignIns.has(sessionId)) throw revokedToken();
  }

  return {
    name: 'bearer',
    description: 'an access token',
    // The whole value: requests that repeat one another share it, and finding it again then costs nothing.
    find: (presented) => (bearerToken(presented) === undefined ? undefined : presented.authorization),
    authenticate(authorization) {
      const known = cache.get(authorization) ?? verifyNew(authorization);
      requireValid(authorization, known);
      const { token } = known;
      requireOpen(token.sessionId);
      // The facts of a user are replaced, never changed.
      if (known.principal && users.get(token.subject) === known.user) return known.principal;
      known.user = requireUser(users, token.subject, token.epoch);
      known.principal = principalOf(token, known.user);
      return known.principal;
    },
    current: (principal) => {
      requireOpen(principal.sessionId);
      const { roles, groups, attributes } = requireUser(users, principal.name, principal.tokenEpoch);
      return withFacts({ ...principal, roles }, { groups, attributes });
    },
    challenge: (code) =>
      NO_TOKEN.has(code) ? 'Bearer realm="gatehouse"' : 'Bearer realm="gatehouse", error="invalid_token"',
  };
}

// The user's current roles, not those at the time of issue: a removed role has no effect any more.
function principalOf(token: VerifiedToken, { roles, groups, attributes }: UserFacts): Principal {
  const { subject, scopes, amr, epoch, authTime, sessionId } = token;
  const principal: Principal = {
    kind: 'user',
    name: subject,
    roles,
    scopes,
    amr,
    via: 'bearer',
    tokenEpoch: epoch,
    ...(authTime !== undefined && { authTime }),
    ...(sessionId !== undefined && { sessionId }),
  };
  return withFacts(principal, { groups, attributes });
}

function requireUser(users: Principals['users'], name: string, tokenEpoch: number | undefined): UserFacts {
  const user = users.get(name);
  if (!user || user.disabled || tokenEpoch !== user.tokenEpoch) throw revokedToken();
  return user;
}

function revokedToken(): GatehouseError {
  return new GatehouseError('credential_invalid', 'The token was revoked: sign in again.');
}

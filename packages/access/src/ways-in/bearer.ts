// Access tokens (RFC 6750, RFC 9068). Verified tokens are cached, but every use checks their dates and the
// user again.
import type { Clock } from '../clock.ts';
import { numericDate } from '../clock.ts';
import type { TokenTrust, TokenVerifier, VerifiedToken } from '../credentials/access-token.ts';
import { createTokenVerifier, expiredToken, requireNotAhead } from '../credentials/access-token.ts';
import { GatehouseError } from '../errors/errors.ts';
import type { Principal } from '../principals/principal.ts';
import type { Principals, UserFacts } from '../principals/principals.ts';
import { bearerToken } from './header-field.ts';
import type { WayIn } from './way-in.ts';

const TOKENS_CACHED = 8192;
const TOKEN_MAX_LENGTH = 8192;
// Failures of requests without a token (RFC 6750 §3.1).
const NO_TOKEN = new Set(['unauthenticated', 'client_certificate_invalid']);

/** `principals` may change while the way in is in use; `trust` may not. */
export function bearerWay(
  { users }: Pick<Principals, 'users'>,
  trust: TokenTrust,
  clock: Clock,
): WayIn<string> {
  const tokens = createTokenCache(createTokenVerifier(trust, clock), clock);
  return {
    name: 'bearer',
    description: 'an access token',
    find: bearerToken,
    authenticate(token) {
      const known = tokens.known(token);
      if (known) return principalOf(users, known);
      return tokens.verify(token).then((verified) => principalOf(users, verified));
    },
    current: (principal) => ({ ...principal, roles: requireUser(users, principal).roles }),
    challenge: (code) =>
      NO_TOKEN.has(code) ? 'Bearer realm="gatehouse"' : 'Bearer realm="gatehouse", error="invalid_token"',
  };
}

// The user's current roles, not those at the time of issue: a removed role has no effect any more.
function principalOf(users: Principals['users'], token: VerifiedToken): Principal {
  const { scopes, amr, subject: name, epoch: tokenEpoch } = token;
  const { roles } = requireUser(users, { name, tokenEpoch });
  return { kind: 'user', name, roles, scopes, amr, via: 'bearer', tokenEpoch };
}

function requireUser(
  users: Principals['users'],
  { name, tokenEpoch }: Pick<Principal, 'name' | 'tokenEpoch'>,
): UserFacts {
  const user = users.get(name);
  const voided = !user || user.disabled || tokenEpoch !== user.tokenEpoch;
  if (voided) throw new GatehouseError('credential_invalid', 'The token was revoked: sign in again.');
  return user;
}

function createTokenCache(verifier: TokenVerifier, clock: Clock) {
  const cache = new Map<string, VerifiedToken>();
  return {
    /** The verified token, from the cache if possible. Throws `token_expired` or `credential_invalid`. */
    known(token: string): VerifiedToken | undefined {
      const hit = cache.get(token);
      if (!hit) return undefined;
      const now = numericDate(clock);
      requireNotAhead(hit, now);
      if (hit.expiresAt > now) return hit;
      cache.delete(token);
      throw expiredToken();
    },
    async verify(token: string): Promise<VerifiedToken> {
      if (token.length > TOKEN_MAX_LENGTH)
        throw new GatehouseError('credential_malformed', 'The token is too long.');
      const verified = await verifier.verify(token);
      if (cache.size >= TOKENS_CACHED) dropOldest(cache);
      cache.set(token, verified);
      return verified;
    },
  };
}

// A Map iterates in the order of insertion, so the first key is the oldest.
function dropOldest(cache: Map<string, unknown>): void {
  for (const oldest of cache.keys()) {
    cache.delete(oldest);
    return;
  }
}

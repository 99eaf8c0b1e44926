// Access tokens (RFC 6750, RFC 9068) of users, and of services through their OAuth clients. Verified tokens are
// cached, but every use checks their dates, the subject, the client and the revocations again.
import type { BoundedMap } from '../bounded-map.ts';
import { createBoundedMap } from '../bounded-map.ts';
import type { Clock } from '../clock.ts';
import { numericDate } from '../clock.ts';
import type { TokenTrust, VerifiedToken } from '../credentials/access-token.ts';
import {
  createTokenVerifier,
  expiredToken,
  FIRST_PARTY_CLIENT,
  requireNotAhead,
} from '../credentials/access-token.ts';
import { GatehouseError } from '../errors/errors.ts';
import type { Principal, TokenOrigin } from '../principals/principal.ts';
import type { Principals, ServiceFacts, UserFacts } from '../principals/principals.ts';
import { withFacts } from '../principals/with-facts.ts';
import { bearerToken, requireTokenCharacters } from './header-field.ts';
import type { WayIn } from './way-in.ts';

const TOKENS_CACHED = 8192;
const TOKEN_MAX_LENGTH = 8192;
// Failures of requests without a token (RFC 6750 §3.1).
const NO_TOKEN = new Set(['unauthenticated', 'client_certificate_invalid']);

type SubjectFacts = UserFacts | ServiceFacts;

/** A verified token, with its caller as of the subject's facts. */
interface KnownToken {
  readonly token: VerifiedToken;
  subject: SubjectFacts | undefined;
  principal: Principal | undefined;
}

type Known = Pick<Principals, 'users' | 'services' | 'clients' | 'revocations' | 'endedSignIns'>;

/** `principals` may change while the way in is in use; `trust` may not. */
export function bearerWay(known: Known, trust: TokenTrust, clock: Clock): WayIn<string> {
  const verifier = createTokenVerifier(trust, clock);
  const cache: BoundedMap<string, KnownToken> = createBoundedMap(TOKENS_CACHED);

  function verifyNew(authorization: string): KnownToken {
    const text = bearerToken({ authorization, apiKey: undefined }) ?? '';
    requireTokenCharacters(text);
    if (text.length > TOKEN_MAX_LENGTH) {
      throw new GatehouseError('credential_malformed', 'The token is too long.');
    }
    const fresh = { token: verifier.verify(text), subject: undefined, principal: undefined };
    // A copy, because the value may be a part of a longer one that would stay in memory with it.
    cache.set(Buffer.from(authorization, 'latin1').toString('latin1'), fresh);
    return fresh;
  }

  function requireValid(authorization: string, { token }: KnownToken): void {
    const now = numericDate(clock);
    requireNotAhead(token, now);
    if (token.expiresAt > now) return;
    cache.delete(authorization);
    throw expiredToken();
  }

  function requireOpen(sessionId: string | undefined): void {
    if (sessionId !== undefined && known.endedSignIns.has(sessionId)) throw revokedToken();
  }

  return {
    name: 'bearer',
    description: 'an access token',
    // The whole value: requests that repeat one another share it, and finding it again then costs nothing.
    find: (presented) => (bearerToken(presented) === undefined ? undefined : presented.authorization),
    authenticate(authorization) {
      const cached = cache.get(authorization) ?? verifyNew(authorization);
      requireValid(authorization, cached);
      const { token } = cached;
      requireOpen(token.sessionId);
      requireOrigin(known, token.origin);
      // The facts of a subject are replaced, never changed.
      if (cached.principal && factsOf(known, cached.principal) === cached.subject) return cached.principal;
      const kind = Number.isNaN(token.epoch) ? 'service' : 'user';
      const caller = {
        kind,
        name: token.subject,
        tokenEpoch: token.epoch,
        tokenOrigin: token.origin,
      } as const;
      cached.subject = requireSubject(known, caller);
      cached.principal = principalOf(token, caller, cached.subject);
      return cached.principal;
    },
    current: (principal) => {
      requireOpen(principal.sessionId);
      if (principal.tokenOrigin) requireOrigin(known, principal.tokenOrigin);
      const facts = requireSubject(known, principal);
      return withFacts({ ...principal, roles: facts.roles }, describedBy(facts));
    },
    challenge: (code) =>
      NO_TOKEN.has(code) ? 'Bearer realm="gatehouse"' : 'Bearer realm="gatehouse", error="invalid_token"',
  };
}

type Caller = Pick<Principal, 'kind' | 'name' | 'tokenEpoch' | 'tokenOrigin'>;

// The subject's current roles, not those at the time of issue: a removed role has no effect any more.
function principalOf(token: VerifiedToken, caller: Caller, facts: SubjectFacts): Principal {
  const { scopes, amr, authTime, sessionId } = token;
  const { kind, name, tokenEpoch, tokenOrigin } = caller as Required<Caller>;
  const principal: Principal = {
    kind,
    name,
    roles: facts.roles,
    scopes,
    amr,
    via: 'bearer',
    tokenOrigin,
    ...(kind === 'user' && { tokenEpoch }),
    ...(authTime !== undefined && { authTime }),
    ...(sessionId !== undefined && { sessionId }),
  };
  return withFacts(principal, describedBy(facts));
}

function describedBy(facts: SubjectFacts): Pick<UserFacts, 'groups' | 'attributes'> {
  return { groups: 'groups' in facts ? facts.groups : undefined, attributes: facts.attributes };
}

function factsOf({ users, services }: Known, { kind, name }: Caller): SubjectFacts | undefined {
  return kind === 'user' ? users.get(name) : services.get(name);
}

function requireSubject(known: Known, caller: Caller): SubjectFacts {
  return caller.kind === 'user' ? requireUser(known, caller) : requireService(known, caller);
}

function requireUser({ users }: Known, { name, tokenEpoch }: Caller): UserFacts {
  const user = users.get(name);
  if (!user || user.disabled || tokenEpoch !== user.tokenEpoch) throw revokedToken();
  return user;
}

/** Only a client of the service has tokens for it (RFC 6749 §4.4). */
function requireService({ services, clients }: Known, { name, tokenOrigin }: Caller): ServiceFacts {
  const service = services.get(name);
  if (!service || service.disabled || clients.get(tokenOrigin?.client ?? '')?.service !== name)
    throw revokedToken();
  return service;
}

/** The token and its grant must not be revoked, and its client must be as it was. */
function requireOrigin({ clients, revocations }: Known, origin: TokenOrigin): void {
  const { id, grant, client, clientEpoch } = origin;
  if (revocations.size > 0) {
    if (revocations.has(id) || (grant !== undefined && revocations.has(grant))) throw revokedToken();
  }
  if (client === FIRST_PARTY_CLIENT) return;
  const facts = clients.get(client);
  if (!facts || facts.disabled || facts.epoch !== clientEpoch) throw revokedToken();
}

function revokedToken(): GatehouseError {
  return new GatehouseError('credential_invalid', 'The token was revoked: sign in again.');
}

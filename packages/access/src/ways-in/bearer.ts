// Access tokens (RFC 6750, RFC 9068) of users, and of services through their OAuth clients. Tokens can be
// bound to a key (DPoP, RFC 9449) or to a client certificate (RFC 8705). Verified tokens are cached, but
// every use checks their dates, the subject, the client, the revocations and the binding.
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
import type { PresentedCertificate } from '../credentials/client-certificate.ts';
import { PROOF_ALGORITHMS } from '../credentials/proof-key.ts';
import type { ErrorCode } from '../errors/errors.ts';
import { GatehouseError } from '../errors/errors.ts';
import type { Principal, TokenOrigin } from '../principals/principal.ts';
import type { Principals, ServiceFacts, UserFacts } from '../principals/principals.ts';
import { withFacts } from '../principals/with-facts.ts';
import type { ProofRedeemer } from './dpop.ts';
import { accessTokenText, requireTokenCharacters, schemeValue } from './header-field.ts';
import type { Presented, WayIn } from './way-in.ts';

const TOKENS_CACHED = 8192;
const TOKEN_MAX_LENGTH = 8192;
// Failures of requests without a token (RFC 6750 §3.1).
const NO_TOKEN = new Set(['unauthenticated', 'client_certificate_invalid']);

type SubjectFacts = UserFacts | ServiceFacts;

/** A verified token, and its caller, created from the subject's facts. */
interface KnownToken {
  readonly token: VerifiedToken;
  /** The text of a token that is bound to a key, because a proof contains its hash. */
  readonly textToProve: string | undefined;
  subject: SubjectFacts | undefined;
  principal: Principal | undefined;
}

type Known = Pick<Principals, 'users' | 'services' | 'clients' | 'revocations' | 'endedSignIns'>;

export interface BearerDeps {
  principals: Known;
  trust: TokenTrust;
  proofs: ProofRedeemer;
  /** Throws unless the certificate of the connection may be used. */
  requireCertificate(presented: PresentedCertificate): unknown;
  clock: Clock;
}

/** `principals` may change during use, but not `trust`. */
export function bearerWay({
  principals: known,
  trust,
  proofs,
  requireCertificate,
  clock,
}: BearerDeps): WayIn<string> {
  const verifier = createTokenVerifier(trust, clock);
  const cache: BoundedMap<string, KnownToken> = createBoundedMap(TOKENS_CACHED);

  function verifyNew(authorization: string): KnownToken {
    const text = accessTokenText({ authorization }) ?? '';
    requireTokenCharacters(text);
    if (text.length > TOKEN_MAX_LENGTH) {
      throw new GatehouseError('credential_malformed', 'The token is too long.');
    }
    const token = verifier.verify(text);
    const isProven = schemeValue(authorization, 'dpop') !== undefined;
    requireScheme(token, isProven);
    // A copy, because otherwise the longer string around the value would stay in memory.
    const copy = Buffer.from(authorization, 'latin1').toString('latin1');
    const textToProve = isProven ? schemeValue(copy, 'dpop') : undefined;
    const fresh = { token, textToProve, subject: undefined, principal: undefined };
    cache.set(copy, fresh);
    return fresh;
  }

  function requireValid(authorization: string, { token }: KnownToken): void {
    const now = numericDate(clock);
    requireNotAhead(token, now);
    if (token.expiresAt > now) return;
    cache.delete(authorization);
    throw expiredToken();
  }

  function callerOf(cached: KnownToken): Principal {
    const { token } = cached;
    requireOpen(token.sessionId);
    requireOrigin(known, token.origin);
    // A change of a subject replaces its facts object.
    if (cached.principal && factsOf(known, cached.principal) === cached.subject) return cached.principal;
    const kind = Number.isNaN(token.epoch) ? 'service' : 'user';
    const { subject: name, epoch: tokenEpoch, origin: tokenOrigin } = token;
    const caller = { kind, name, tokenEpoch, tokenOrigin } as const;
    cached.subject = requireSubject(known, caller);
    cached.principal = principalOf(token, caller, cached.subject);
    return cached.principal;
  }

  /** RFC 8705 §3: the connection must have the certificate in the token. */
  function requireBinding({ certificateThumbprint: bound }: VerifiedToken, { certificate }: Presented): void {
    if (bound === undefined) return;
    if (certificate?.certificate?.thumbprint !== bound) throw otherCertificate();
    requireCertificate(certificate);
  }

  function requireOpen(sessionId: string | undefined): void {
    if (sessionId !== undefined && known.endedSignIns.has(sessionId)) throw revokedToken();
  }

  return {
    name: 'bearer',
    description: 'an access token',
    // The whole value, because repeated requests share it, so finding it again costs nothing.
    find: (presented) => (accessTokenText(presented) === undefined ? undefined : presented.authorization),
    authenticate(authorization, presented) {
      const cached = cache.get(authorization) ?? verifyNew(authorization);
      requireValid(authorization, cached);
      const principal = callerOf(cached);
      const { token, textToProve } = cached;
      requireBinding(token, presented);
      return textToProve === undefined
        ? principal
        : proofs.redeem({ presented, accessToken: textToProve, token }).then(() => principal);
    },
    current: (principal) => {
      requireOpen(principal.sessionId);
      if (principal.tokenOrigin) requireOrigin(known, principal.tokenOrigin);
      const facts = requireSubject(known, principal);
      return withFacts(principal, { roles: facts.roles, ...describedBy(facts) });
    },
    // Its dates are in whole seconds. A bound token needs a proof or a certificate each time.
    isRepeatable: ({ keyThumbprint, certificateThumbprint }) =>
      keyThumbprint === undefined && certificateThumbprint === undefined,
    challenge: (code) =>
      // A client with a bound token needs only the challenge for its own scheme.
      code === 'dpop_nonce_required'
        ? dpopChallenge(code)
        : `${bearerChallenge(code)}, ${dpopChallenge(code)}`,
  };
}

function bearerChallenge(code: ErrorCode): string {
  return `Bearer realm="gatehouse"${errorOf(code === 'dpop_proof_invalid' ? 'unauthenticated' : code)}`;
}

/** RFC 9449 §7.1. */
function dpopChallenge(code: ErrorCode): string {
  return `DPoP algs="${PROOF_ALGORITHMS.join(' ')}"${errorOf(code)}`;
}

function errorOf(code: ErrorCode): string {
  if (NO_TOKEN.has(code)) return '';
  if (code === 'dpop_nonce_required') return ', error="use_dpop_nonce"';
  return code === 'dpop_proof_invalid' ? ', error="invalid_dpop_proof"' : ', error="invalid_token"';
}

/** RFC 9449 §7.1, §7.2: a bound token needs its proof, and a proof needs a bound token. */
function requireScheme({ keyThumbprint }: VerifiedToken, isProven: boolean): void {
  if (isProven === (keyThumbprint !== undefined)) return;
  throw new GatehouseError(
    'credential_invalid',
    isProven
      ? 'The token is not bound to a key: send it as "Authorization: Bearer …".'
      : 'The token is bound to a key: send it as "Authorization: DPoP …", with a proof in the field DPoP.',
  );
}

function otherCertificate(): GatehouseError {
  return new GatehouseError(
    'credential_invalid',
    'The token is bound to a client certificate: connect with that certificate (RFC 8705).',
  );
}

type Caller = Pick<Principal, 'kind' | 'name' | 'tokenEpoch' | 'tokenOrigin'>;

// The subject's current roles, not the roles at the time of issue: a removed role no longer has an effect.
function principalOf(token: VerifiedToken, caller: Caller, facts: SubjectFacts): Principal {
  const { scopes, authTime, sessionId } = token;
  const { kind, name, tokenEpoch, tokenOrigin } = caller as Required<Caller>;
  const binding = bindingOf(token);
  const principal: Principal = {
    kind,
    name,
    roles: facts.roles,
    scopes,
    amr: methodsOf(token, binding),
    via: 'bearer',
    tokenOrigin,
    ...binding,
    ...(kind === 'user' && { tokenEpoch }),
    ...(authTime !== undefined && { authTime }),
    ...(sessionId !== undefined && { sessionId }),
  };
  return withFacts(principal, describedBy(facts));
}

type Binding = Pick<VerifiedToken, 'keyThumbprint' | 'certificateThumbprint'>;

function bindingOf({ keyThumbprint, certificateThumbprint }: VerifiedToken): Binding {
  return {
    ...(keyThumbprint !== undefined && { keyThumbprint }),
    ...(certificateThumbprint !== undefined && { certificateThumbprint }),
  };
}

/** RFC 8176 §2: the client of a bound token has proven that it has a key. */
function methodsOf({ amr }: VerifiedToken, binding: Binding): readonly string[] {
  return Object.keys(binding).length > 0 ? [...new Set([...amr, 'pop'])] : amr;
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

/** Only clients of a service have tokens for it (RFC 6749 §4.4). */
function requireService({ services, clients }: Known, { name, tokenOrigin }: Caller): ServiceFacts {
  const service = services.get(name);
  if (!service || service.disabled || clients.get(tokenOrigin?.client ?? '')?.service !== name)
    throw revokedToken();
  return service;
}

/**
 * The token and its grant must not be revoked, its client must be unchanged, and the service of the client
 * must not be disabled, even if the token is for a person.
 */
function requireOrigin({ clients, revocations, services }: Known, origin: TokenOrigin): void {
  const { id, grant, client, clientEpoch } = origin;
  if (revocations.size > 0) {
    if (revocations.has(id) || (grant !== undefined && revocations.has(grant))) throw revokedToken();
  }
  if (client === FIRST_PARTY_CLIENT) return;
  const facts = clients.get(client);
  if (!facts || facts.disabled || facts.epoch !== clientEpoch) throw revokedToken();
  if (facts.service !== null && services.get(facts.service)?.disabled) throw revokedToken();
}

function revokedToken(): GatehouseError {
  return new GatehouseError('credential_invalid', 'The token was revoked: sign in again.');
}

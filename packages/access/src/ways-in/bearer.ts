// Access tokens (RFC 6750, RFC 9068), also those that are bound to a key (DPoP, RFC 9449) or to a client certificate
// (RFC 8705). Verified tokens are cached, but every use checks their dates, the user and what they are bound to.
import type { BoundedMap } from '../bounded-map.ts';
import { createBoundedMap } from '../bounded-map.ts';
import type { Clock } from '../clock.ts';
import { numericDate } from '../clock.ts';
import type { TokenTrust, VerifiedToken } from '../credentials/access-token.ts';
import { createTokenVerifier, expiredToken, requireNotAhead } from '../credentials/access-token.ts';
import type { PresentedCertificate } from '../credentials/client-certificate.ts';
import { PROOF_ALGORITHMS } from '../credentials/proof-key.ts';
import type { ErrorCode } from '../errors/errors.ts';
import { GatehouseError } from '../errors/errors.ts';
import type { Principal } from '../principals/principal.ts';
import type { Principals, UserFacts } from '../principals/principals.ts';
import type { ProofRedeemer } from './dpop.ts';
import { accessTokenText, requireTokenCharacters, schemeValue } from './header-field.ts';
import type { Presented, WayIn } from './way-in.ts';

const TOKENS_CACHED = 8192;
const TOKEN_MAX_LENGTH = 8192;
// Failures of requests without a token (RFC 6750 §3.1).
const NO_TOKEN = new Set(['unauthenticated', 'client_certificate_invalid']);

/** A verified token, with its caller as of the user's facts. */
interface KnownToken {
  readonly token: VerifiedToken;
  /** For a token that a proof must come with: its text, which the proof names. */
  readonly textToProve: string | undefined;
  user: UserFacts | undefined;
  principal: Principal | undefined;
}

export interface BearerDeps {
  principals: Pick<Principals, 'users'>;
  trust: TokenTrust;
  proofs: ProofRedeemer;
  /** Throws unless the certificate of the connection may be used. */
  requireCertificate(presented: PresentedCertificate): unknown;
  clock: Clock;
}

/** `principals` may change while the way in is in use; `trust` may not. */
export function bearerWay({
  principals,
  trust,
  proofs,
  requireCertificate,
  clock,
}: BearerDeps): WayIn<string> {
  const { users } = principals;
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
    // A copy, because the value may be a part of a longer one that would stay in memory with it.
    const copy = Buffer.from(authorization, 'latin1').toString('latin1');
    const textToProve = isProven ? schemeValue(copy, 'dpop') : undefined;
    const known = { token, textToProve, user: undefined, principal: undefined };
    cache.set(copy, known);
    return known;
  }

  function requireValid(authorization: string, { token }: KnownToken): void {
    const now = numericDate(clock);
    requireNotAhead(token, now);
    if (token.expiresAt > now) return;
    cache.delete(authorization);
    throw expiredToken();
  }

  function callerOf(known: KnownToken): Principal {
    const { token } = known;
    // The facts of a user are replaced, never changed.
    if (known.principal && users.get(token.subject) === known.user) return known.principal;
    known.user = requireUser(users, token.subject, token.epoch);
    known.principal = principalOf(token, known.user);
    return known.principal;
  }

  /** RFC 8705 §3: the connection must have the certificate that the token names. */
  function requireBinding({ certificateThumbprint: bound }: VerifiedToken, { certificate }: Presented): void {
    if (bound === undefined) return;
    if (certificate?.certificate?.thumbprint !== bound) throw otherCertificate();
    requireCertificate(certificate);
  }

  return {
    name: 'bearer',
    description: 'an access token',
    // The whole value: requests that repeat one another share it, and finding it again then costs nothing.
    find: (presented) => (accessTokenText(presented) === undefined ? undefined : presented.authorization),
    authenticate(authorization, presented) {
      const known = cache.get(authorization) ?? verifyNew(authorization);
      requireValid(authorization, known);
      const principal = callerOf(known);
      const { token, textToProve } = known;
      requireBinding(token, presented);
      return textToProve === undefined
        ? principal
        : proofs.redeem({ presented, accessToken: textToProve, token }).then(() => principal);
    },
    current: (principal) => {
      const { roles } = requireUser(users, principal.name, principal.tokenEpoch);
      return { ...principal, roles };
    },
    challenge: (code) => `${bearerChallenge(code)}, ${dpopChallenge(code)}`,
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

// The user's current roles, not those at the time of issue: a removed role has no effect any more.
function principalOf(token: VerifiedToken, { roles }: UserFacts): Principal {
  const { subject, scopes, amr, epoch, keyThumbprint, certificateThumbprint } = token;
  const binding = {
    ...(keyThumbprint !== undefined && { keyThumbprint }),
    ...(certificateThumbprint !== undefined && { certificateThumbprint }),
  };
  // RFC 8176 §2: the client has proven that it has a key.
  const methods = Object.keys(binding).length > 0 ? [...new Set([...amr, 'pop'])] : amr;
  const base = {
    kind: 'user',
    name: subject,
    roles,
    scopes,
    amr: methods,
    via: 'bearer',
    ...binding,
  } as const;
  return { ...base, tokenEpoch: epoch };
}

function requireUser(users: Principals['users'], name: string, tokenEpoch: number | undefined): UserFacts {
  const user = users.get(name);
  const voided = !user || user.disabled || tokenEpoch !== user.tokenEpoch;
  if (voided) throw new GatehouseError('credential_invalid', 'The token was revoked: sign in again.');
  return user;
}

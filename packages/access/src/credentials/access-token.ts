// Verifies access tokens: JWTs of the profile in RFC 9068. Accepts one algorithm (ES256), our keys, our
// issuer, our audience and the type `at+jwt`. Never follows `jwk`, `jku`, `x5u` or `x5c` in a header, and
// refuses critical extensions (RFC 8725 §3, RFC 7515 §4.1.11).
import type { JsonWebKeyInput, KeyObject } from 'node:crypto';
import { createPublicKey, verify } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { numericDate } from '../clock.ts';
import { GatehouseError } from '../errors/errors.ts';
import type { TokenOrigin } from '../principals/principal.ts';
import type { CompactJws } from './compact-jws.ts';
import { readCompactJws } from './compact-jws.ts';

/**
 * The type in the header of our tokens (RFC 9068 §2.1).
 * @example
 * header.typ === TOKEN_TYPE;
 */
export const TOKEN_TYPE = 'at+jwt';
/**
 * The client id in tokens for people who sign in here directly (RFC 9068 §2.2 requires one).
 * @example
 * claims.client_id === FIRST_PARTY_CLIENT;
 */
export const FIRST_PARTY_CLIENT = 'gatehouse';
const TYPES = /^(?:application\/)?at\+jwt$/i;
/** How far the clocks of two machines may differ. */
const TOLERANCE_SECONDS = 60;
const ALGORITHM = 'ES256';
/** Two numbers of 32 octets each (RFC 7518 §3.4). */
const SIGNATURE_OCTETS = 64;

/** The claims of a verified token. */
export interface VerifiedToken {
  subject: string;
  /** A NumericDate. It is checked again on every use. */
  issuedAt: number;
  /** A NumericDate. It is checked again on every use. */
  expiresAt: number;
  /** NaN in a token of a service, which has none. */
  epoch: number;
  origin: TokenOrigin;
  scopes: string[];
  amr: string[];
  /** The thumbprint of the key that must prove each use: `jkt` (RFC 9449 §6.1). */
  keyThumbprint?: string;
  /** The thumbprint of the client certificate that it is bound to: `x5t#S256` (RFC 8705 §3.1). */
  certificateThumbprint?: string;
  /** NumericDate: when the person proved who they are (RFC 9470 §6.1). */
  authTime: number | undefined;
  /** The sign-in of the person. */
  sessionId: string | undefined;
}

/** Verifies access tokens. */
export interface TokenVerifier {
  /** Throws `token_expired` or `credential_invalid`. */
  verify(token: string): VerifiedToken;
}

/** A public key (RFC 7517 §4). */
export type TokenKey = JsonWebKeyInput['key'] & { kid?: string };

/** The issuer and the audience of accepted tokens. */
export interface TokenTrust {
  /** Only keys for ES256 are used. */
  jwks: { keys: readonly TokenKey[] };
  issuer: string;
  audience: string;
}

/**
 * Accepts only tokens of `trust.issuer` for `trust.audience`. Throws `TypeError` for a key that is not
 * usable.
 * @example
 * const { subject } = createTokenVerifier({ jwks, issuer, audience }, systemClock).verify(token);
 */
export function createTokenVerifier(trust: TokenTrust, clock: Clock): TokenVerifier {
  const keys = verificationKeys(trust);
  return {
    verify(token) {
      try {
        const jws = readCompactJws(token);
        requireSignature(jws, keys);
        const now = numericDate(clock);
        const verified = fromClaims(jws.payload);
        requireClaims(jws.payload, trust, now);
        if (verified.expiresAt <= now) throw expiredToken();
        requireNotAhead(verified, now);
        return verified;
      } catch (error) {
        throw error instanceof GatehouseError ? error : invalidToken(error);
      }
    },
  };
}

/** The keys by their ids. */
function verificationKeys({ jwks }: TokenTrust): ReadonlyMap<string, KeyObject> {
  const usable = jwks.keys.filter(
    ({ kty, crv, alg = ALGORITHM, use = 'sig' }) =>
      kty === 'EC' && crv === 'P-256' && alg === ALGORITHM && use === 'sig',
  );
  return new Map(usable.map((key) => [String(key.kid), createPublicKey({ key, format: 'jwk' })]));
}

/** Throws `SyntaxError` for another kind of token, or if none of our keys has signed it. */
function requireSignature(jws: CompactJws, keys: ReadonlyMap<string, KeyObject>): void {
  const { header, signingInput, signature } = jws;
  if (header.alg !== ALGORITHM) throw new SyntaxError('another algorithm');
  if (header.crit !== undefined) throw new SyntaxError('a critical extension');
  if (typeof header.typ !== 'string' || !TYPES.test(header.typ)) throw new SyntaxError('another type');
  const key = typeof header.kid === 'string' ? keys.get(header.kid) : undefined;
  if (!key) throw new SyntaxError('an unknown key');
  const isSigned =
    signature.length === SIGNATURE_OCTETS &&
    verify('sha256', signingInput, { key, dsaEncoding: 'ieee-p1363' }, signature);
  if (!isSigned) throw new SyntaxError('the signature does not match');
}

/** Throws `SyntaxError`. RFC 9068 §2.2 requires these claims; RFC 7519 §4.1.5 says what `nbf` means. */
function requireClaims(
  { iss, aud, jti, client_id: client, nbf }: CompactJws['payload'],
  { issuer, audience }: TokenTrust,
  now: number,
): void {
  if (iss !== issuer) throw new SyntaxError('another issuer');
  if (aud !== audience && !(Array.isArray(aud) && aud.includes(audience))) {
    throw new SyntaxError('another audience');
  }
  if (typeof jti !== 'string' || typeof client !== 'string') throw new SyntaxError('a claim is missing');
  if (nbf !== undefined && !(typeof nbf === 'number' && nbf <= now)) throw new SyntaxError('not valid yet');
}

function fromClaims(claims: CompactJws['payload']): VerifiedToken {
  const { sub, iat, exp, scope, amr, token_epoch: epoch, auth_time: authTime, sid, cnf } = claims;
  if (typeof sub !== 'string' || typeof iat !== 'number' || typeof exp !== 'number') {
    throw new SyntaxError('a claim is missing');
  }
  return {
    subject: sub,
    issuedAt: iat,
    expiresAt: exp,
    epoch: Number(epoch),
    origin: originOf(claims),
    scopes: typeof scope === 'string' ? scope.split(' ').filter(Boolean) : [],
    amr: Array.isArray(amr) ? amr.filter((item) => typeof item === 'string') : [],
    authTime: typeof authTime === 'number' ? authTime : undefined,
    sessionId: typeof sid === 'string' ? sid : undefined,
    ...(cnf !== undefined && confirmation(cnf)),
  };
}

/** SHA-256 in base64url. */
const THUMBPRINT = /^[\w-]{43}$/;

/**
 * The key or certificate that a token is bound to (RFC 7800 §3.1). An unknown kind of confirmation is
 * refused: without the binding, anyone with the token could use it.
 */
function confirmation(cnf: unknown): Pick<VerifiedToken, 'keyThumbprint' | 'certificateThumbprint'> {
  const { jkt, 'x5t#S256': x5t } = Object(cnf) as Readonly<Record<string, unknown>>;
  for (const thumbprint of [jkt ?? x5t, x5t ?? jkt]) {
    if (typeof thumbprint !== 'string' || !THUMBPRINT.test(thumbprint)) {
      throw new SyntaxError('an unknown confirmation');
    }
  }
  return {
    ...(jkt !== undefined && { keyThumbprint: String(jkt) }),
    ...(x5t !== undefined && { certificateThumbprint: String(x5t) }),
  };
}

function originOf(claims: CompactJws['payload']): TokenOrigin {
  const { jti, client_id: client, client_epoch: clientEpoch, grant_id: grant, act } = claims;
  const actor = typeof act === 'object' && act !== null && 'sub' in act ? act.sub : undefined;
  return {
    id: String(jti),
    client: String(client),
    clientEpoch: typeof clientEpoch === 'number' ? clientEpoch : undefined,
    grant: typeof grant === 'string' ? grant : undefined,
    actor: typeof actor === 'string' ? actor : undefined,
  };
}

function invalidToken(cause: unknown): GatehouseError {
  return new GatehouseError('credential_invalid', 'The token is not valid here: sign in again.', { cause });
}

export function expiredToken(): GatehouseError {
  return new GatehouseError('token_expired', 'The token has expired: sign in again for a new one.');
}

/**
 * A token that was issued while the clock was ahead would be valid for too long. Throws `credential_invalid`.
 */
export function requireNotAhead({ issuedAt }: Pick<VerifiedToken, 'issuedAt'>, now: number): void {
  if (issuedAt <= now + TOLERANCE_SECONDS) return;
  throw new GatehouseError(
    'credential_invalid',
    'The token was issued while the clock was ahead: sign in again for a new one.',
  );
}

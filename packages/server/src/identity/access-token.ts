// Access tokens: JWTs of the profile in RFC 9068, ES256. The verifier accepts one algorithm, our keys, our
// issuer, our audience and the type `at+jwt`. It never follows `jwk`, `jku`, `x5u` or `x5c` in a header (RFC
// 8725 §3).
import { createPrivateKey, generateKeyPairSync, randomUUID } from 'node:crypto';
import type { JWK, JWTPayload } from 'jose';
import { calculateJwkThumbprint, createLocalJWKSet, errors, exportJWK, jwtVerify, SignJWT } from 'jose';
import type { Clock } from '../platform/clock.ts';
import { numericDate } from '../platform/clock.ts';
import { GatehouseError } from '../platform/errors.ts';

const TOKEN_TYPE = 'at+jwt';
/** How far the clocks of two machines may differ. */
const TOLERANCE_SECONDS = 60;
const ALGORITHM = 'ES256';
/** The client id in tokens for people who sign in here directly (RFC 9068 §2.2 requires one). */
const FIRST_PARTY_CLIENT = 'gatehouse';

export interface TokenSubject {
  name: string;
  roles: readonly string[];
  amr: readonly string[];
  /** The token is void when the user's epoch changes (`token_epoch`, a private claim). */
  epoch: number;
}

/**
 * The issuer of the tokens and the URLs that they are for (RFC 9068 §2.2). Known once the listeners have
 * their ports.
 */
export interface TokenNames {
  issuer: string;
  audience: string[];
}

export interface TokenIssuer {
  /** The public keys, for /.well-known/jwks.json (RFC 7517 §5). */
  jwks: { keys: JWK[] };
  issue(subject: TokenSubject, names: TokenNames): Promise<IssuedToken>;
}

export interface IssuedToken {
  token: string;
  jti: string;
  expiresInSeconds: number;
}

/** A new P-256 signing key, PKCS#8 DER. */
export function generateSigningKey(): Uint8Array {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ format: 'der', type: 'pkcs8' });
}

export async function createTokenIssuer(
  pkcs8: Uint8Array,
  lifetimeSeconds: number,
  clock: Clock,
): Promise<TokenIssuer> {
  const privateKey = createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' });
  const { d: _private, ...publicJwk } = await exportJWK(privateKey);
  const kid = await calculateJwkThumbprint(publicJwk);
  return {
    jwks: { keys: [{ ...publicJwk, kid, use: 'sig', alg: ALGORITHM }] },
    async issue(subject, names) {
      const now = numericDate(clock);
      const jti = randomUUID();
      const token = await new SignJWT(claimsOf(subject))
        .setProtectedHeader({ alg: ALGORITHM, typ: TOKEN_TYPE, kid })
        .setIssuer(names.issuer)
        .setAudience(names.audience)
        .setSubject(subject.name)
        .setIssuedAt(now)
        .setExpirationTime(now + lifetimeSeconds)
        .setJti(jti)
        .sign(privateKey);
      return { token, jti, expiresInSeconds: lifetimeSeconds };
    },
  };
}

function claimsOf(subject: TokenSubject): JWTPayload {
  const { roles, amr, epoch } = subject;
  return { client_id: FIRST_PARTY_CLIENT, roles: [...roles], amr: [...amr], token_epoch: epoch };
}

export interface VerifiedToken {
  subject: string;
  /** NumericDate; checked again on every use. */
  issuedAt: number;
  /** NumericDate; checked again on every use. */
  expiresAt: number;
  epoch: number;
  scopes: string[];
  amr: string[];
}

export interface TokenVerifier {
  /** Throws `token_expired` or `credential_invalid`. */
  verify(token: string): Promise<VerifiedToken>;
}

export interface TokenTrust {
  jwks: { keys: JWK[] };
  issuer: string;
  audience: string;
}

export function createTokenVerifier(trust: TokenTrust, clock: Clock): TokenVerifier {
  const keys = createLocalJWKSet(trust.jwks);
  return {
    async verify(token) {
      try {
        const { payload } = await jwtVerify(token, keys, {
          algorithms: [ALGORITHM],
          typ: TOKEN_TYPE,
          issuer: trust.issuer,
          audience: trust.audience,
          requiredClaims: ['sub', 'iat', 'exp', 'jti', 'client_id'],
          currentDate: new Date(clock.now()),
        });
        const verified = fromPayload(payload);
        requireNotAhead(verified, numericDate(clock));
        return verified;
      } catch (error) {
        throw refusal(error);
      }
    },
  };
}

function fromPayload(payload: JWTPayload): VerifiedToken {
  const { sub = '', iat = 0, exp = 0 } = payload;
  const scope = typeof payload.scope === 'string' ? payload.scope.split(' ').filter(Boolean) : [];
  const amr = Array.isArray(payload.amr) ? payload.amr.filter((item) => typeof item === 'string') : [];
  return {
    subject: sub,
    issuedAt: iat,
    expiresAt: exp,
    epoch: Number(payload.token_epoch),
    scopes: scope,
    amr,
  };
}

function refusal(error: unknown): GatehouseError {
  if (error instanceof GatehouseError) return error;
  if (error instanceof errors.JWTExpired) return expiredToken(error);
  return new GatehouseError('credential_invalid', 'The token is not valid here: sign in again.', {
    cause: error,
  });
}

export function expiredToken(cause?: unknown): GatehouseError {
  return new GatehouseError('token_expired', 'The token has expired: sign in again for a new one.', {
    cause,
  });
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

// Verifies access tokens: JWTs of the profile in RFC 9068. Accepts one algorithm (ES256), our keys, our
// issuer, our audience and the type `at+jwt`. Never follows `jwk`, `jku`, `x5u` or `x5c` in a header
// (RFC 8725 §3).
import type { JWK, JWTPayload } from 'jose';
import { createLocalJWKSet, errors, jwtVerify } from 'jose';
import type { Clock } from '../clock.ts';
import { numericDate } from '../clock.ts';
import { GatehouseError } from '../errors/errors.ts';

/**
 * The type in the header of our tokens (RFC 9068 §2.1).
 * @example
 * header.typ === TOKEN_TYPE;
 */
export const TOKEN_TYPE = 'at+jwt';
/** How far the clocks of two machines may differ. */
const TOLERANCE_SECONDS = 60;
const ALGORITHM = 'ES256';

/** What a verified token says. */
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

/** Verifies access tokens. */
export interface TokenVerifier {
  /** Throws `token_expired` or `credential_invalid`. */
  verify(token: string): Promise<VerifiedToken>;
}

/** Whose tokens are accepted, and for which audience. */
export interface TokenTrust {
  jwks: { keys: JWK[] };
  issuer: string;
  audience: string;
}

/**
 * Accepts only tokens of `trust.issuer` for `trust.audience`.
 * @example
 * const { subject } = await createTokenVerifier({ jwks, issuer, audience }, systemClock).verify(token);
 */
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

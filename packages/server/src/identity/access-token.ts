// Issues access tokens: JWTs of RFC 9068, signed with ES256.
import { randomUUID } from 'node:crypto';
import type { Clock } from '@gatehouse/access';
import { authenticationClass, FIRST_PARTY_CLIENT, numericDate, TOKEN_TYPE } from '@gatehouse/access';
import type { JWTPayload } from 'jose';
import { SignJWT } from 'jose';
import type { SigningKeys } from '../keyring/index.ts';

const ALGORITHM = 'ES256';

export interface TokenSubject {
  name: string;
  roles: readonly string[];
  amr: readonly string[];
  /** When the person proved who they are (RFC 9470 §6.1), as a NumericDate. */
  authTime: number;
  /** The token is void when this sign-in ends. */
  sessionId?: string | undefined;
  /** The token is void when the user's epoch changes (`token_epoch`, a private claim). */
  epoch: number;
}

/**
 * The issuer and the audiences of the tokens (RFC 9068 §2.2). Known when the listeners have their ports.
 */
export interface TokenNames {
  issuer: string;
  audience: string[];
}

export interface TokenIssuer {
  issue(subject: TokenSubject, names: TokenNames): Promise<IssuedToken>;
}

export interface IssuedToken {
  token: string;
  jti: string;
  expiresInSeconds: number;
}

export function createTokenIssuer(
  keys: Pick<SigningKeys, 'current'>,
  lifetimeSeconds: number,
  clock: Clock,
): TokenIssuer {
  return {
    async issue(subject, names) {
      const { kid, privateKey } = keys.current;
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
  const { roles, amr, epoch, authTime, sessionId } = subject;
  return {
    client_id: FIRST_PARTY_CLIENT,
    roles: [...roles],
    amr: [...amr],
    acr: authenticationClass(amr),
    auth_time: authTime,
    token_epoch: epoch,
    ...(sessionId !== undefined && { sid: sessionId }),
  };
}

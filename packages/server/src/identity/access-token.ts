// Issues access tokens: JWTs of the profile in RFC 9068, signed with ES256.
import { createPrivateKey, generateKeyPairSync, randomUUID } from 'node:crypto';
import type { Clock } from '@gatehouse/access';
import { numericDate, TOKEN_TYPE } from '@gatehouse/access';
import type { JWK, JWTPayload } from 'jose';
import { calculateJwkThumbprint, exportJWK, SignJWT } from 'jose';

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

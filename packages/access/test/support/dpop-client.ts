// A client that proves its key (RFC 9449 §4.2).
import { createHash, generateKeyPairSync, randomUUID } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, SignJWT } from 'jose';

export interface DpopClient {
  /** `jkt`. */
  thumbprint: string;
  jwk: Record<string, unknown>;
  /** A proof for GET of `https://localhost:8443/notes` with this token. Claims and header can be replaced. */
  prove(
    accessToken: string,
    claims?: Record<string, unknown>,
    header?: Record<string, unknown>,
  ): Promise<string>;
}

/** `now` in milliseconds. */
export async function createDpopClient(now: () => number): Promise<DpopClient> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = await exportJWK(publicKey);
  return {
    thumbprint: await calculateJwkThumbprint(jwk),
    jwk: { ...jwk },
    prove(accessToken, claims = {}, header = {}) {
      const all = {
        jti: randomUUID(),
        htm: 'GET',
        htu: 'https://localhost:8443/notes',
        iat: Math.floor(now() / 1000),
        ath: createHash('sha256').update(accessToken).digest('base64url'),
        ...claims,
      };
      return new SignJWT(Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)))
        .setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk, ...header })
        .sign(privateKey);
    },
  };
}

// Issues access tokens like the server, and any other tokens.
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import type { JWTHeaderParameters, JWTPayload } from 'jose';
import { exportJWK, SignJWT } from 'jose';
import type { TokenKey } from '../../src/credentials/access-token.ts';
import { TOKEN_TYPE } from '../../src/credentials/access-token.ts';

export interface TestTokenIssuer {
  jwks: { keys: TokenKey[] };
  /** A JWT with these claims. Claims that are undefined are left out. */
  sign(claims: Record<string, unknown>, header?: Partial<JWTHeaderParameters>): Promise<string>;
}

export async function createTestTokenIssuer(): Promise<TestTokenIssuer> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = { ...(await exportJWK(publicKey)), kid: 'token-key', use: 'sig', alg: 'ES256' };
  return {
    jwks: { keys: [key as TokenKey] },
    sign(claims, header = {}) {
      const all = { jti: randomUUID(), client_id: 'gatehouse', ...claims };
      const given = Object.entries(all).filter(([, value]) => value !== undefined);
      return new SignJWT(Object.fromEntries(given) as JWTPayload)
        .setProtectedHeader({ alg: 'ES256', typ: TOKEN_TYPE, kid: key.kid, ...header })
        .sign(privateKey);
    },
  };
}

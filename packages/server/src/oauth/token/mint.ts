// Makes access tokens: JWTs of RFC 9068, signed with ES256, synchronously. The claims have everything that
// the gateway checks (docs/wire/access-token.md).
import { randomBytes, sign } from 'node:crypto';
import type { Clock } from '@gatehouse/access';
import { numericDate, TOKEN_TYPE } from '@gatehouse/access';
import type { SigningKey, SigningKeys } from '../../keyring/index.ts';

/** The claims that differ from token to token. */
export interface TokenClaims {
  sub: string;
  aud: string | string[];
  client_id: string;
  client_epoch: number;
  roles: readonly string[];
  scope?: string | undefined;
  amr?: readonly string[] | undefined;
  auth_time?: number | undefined;
  token_epoch?: number | undefined;
  grant_id?: string | undefined;
  sid?: string | undefined;
  act?: object | undefined;
  cnf?: object | undefined;
}

export interface MintedToken {
  token: string;
  jti: string;
  /** NumericDate. */
  expiresAt: number;
}

export type Mint = (claims: TokenClaims, lifetimeSeconds: number) => MintedToken;

export function createMint(keys: Pick<SigningKeys, 'current'>, issuer: string, clock: Clock): Mint {
  let header: { key: SigningKey; text: string } | undefined;

  function headerFor(key: SigningKey): string {
    if (header?.key === key) return header.text;
    const text = encoded({ alg: 'ES256', typ: TOKEN_TYPE, kid: key.kid });
    header = { key, text };
    return text;
  }

  return (claims, lifetimeSeconds) => {
    const key = keys.current;
    const now = numericDate(clock);
    const jti = randomBytes(16).toString('base64url');
    const expiresAt = now + Math.floor(lifetimeSeconds);
    const payload = encoded({ iss: issuer, ...claims, iat: now, exp: expiresAt, jti });
    const input = `${headerFor(key)}.${payload}`;
    const signature = sign('sha256', Buffer.from(input, 'latin1'), {
      key: key.privateKey,
      dsaEncoding: 'ieee-p1363',
    });
    return { token: `${input}.${signature.toString('base64url')}`, jti, expiresAt };
  };
}

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value), 'utf8').toString('base64url');
}

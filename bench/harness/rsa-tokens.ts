// RS256 access tokens (RFC 9068) for the peers that check tokens: 1,000 different tokens in the same form as
// Gatehouse's own.
import { generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Credentials } from './contender.ts';

export interface RsaTokens {
  /** Path of the PEM. */
  publicKeyFile: string;
  issuer: string;
  audience: string;
  credentials: Credentials;
}

/** The number of different credentials in every authenticated load. */
export const CREDENTIALS = 1000;

const HOUR_SECONDS = 3600;
const ISSUER = 'https://issuer.example.com';
const AUDIENCE = 'https://api.example.com';

export function createRsaTokens(folder: string): RsaTokens {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const publicKeyFile = join(folder, 'token-key.pem');
  writeFileSync(publicKeyFile, publicKey.export({ format: 'pem', type: 'spki' }));
  const header = encode({ alg: 'RS256', typ: 'at+jwt', kid: 'benchmark' });
  const tokenOf = (index: number) => {
    const text = `${header}.${encode(claimsOf(index))}`;
    return `${text}.${sign('sha256', Buffer.from(text), privateKey).toString('base64url')}`;
  };
  const values = Array.from({ length: CREDENTIALS }, (_, index) => `Bearer ${tokenOf(index)}`);
  const credentials = { field: 'Authorization', values, forged: forgedOf(values[0] ?? '') };
  return { publicKeyFile, issuer: ISSUER, audience: AUDIENCE, credentials };
}

/** Another signature: its first character is changed. */
export function forgedOf(token: string): string {
  const at = token.lastIndexOf('.') + 1;
  return `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`;
}

function claimsOf(index: number) {
  const now = Math.floor(Date.now() / 1000);
  return {
    client_id: 'benchmark',
    roles: ['user'],
    amr: ['pwd'],
    iss: ISSUER,
    aud: AUDIENCE,
    sub: `person-${index}@example.com`,
    iat: now,
    exp: now + HOUR_SECONDS,
    jti: randomUUID(),
  };
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

// A signing key: P-256, for ES256 (RFC 7518 §3.4). Its id is its thumbprint (RFC 7638).
import type { KeyObject } from 'node:crypto';
import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import type { JWK } from 'jose';
import { calculateJwkThumbprint } from 'jose';

export interface SigningKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
  /** The public key, in the form of key sets (RFC 7517). */
  readonly jwk: JWK;
}

/** A new key: PKCS#8 in DER. */
export function generateSigningKey(): Uint8Array {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ format: 'der', type: 'pkcs8' });
}

const PEM_START = '-----BEGIN';

/** Reads PKCS#8 in DER, or in PEM, which older versions used for one of the keys. */
export async function readSigningKey(pkcs8: Uint8Array): Promise<SigningKey> {
  const octets = Buffer.from(pkcs8);
  const isPem = octets.toString('latin1', 0, PEM_START.length) === PEM_START;
  const privateKey = createPrivateKey(
    isPem ? octets.toString('latin1') : { key: octets, format: 'der', type: 'pkcs8' },
  );
  const jwk = createPublicKey(privateKey).export({ format: 'jwk' }) as JWK;
  const kid = await calculateJwkThumbprint(jwk);
  return { kid, privateKey, jwk: { ...jwk, kid, use: 'sig', alg: 'ES256' } };
}

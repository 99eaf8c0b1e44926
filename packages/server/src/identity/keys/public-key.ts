// Reads public keys that sign requests, from a file to their stored form. Refuses private keys, other kinds
// of keys, and weak ones.
import { createHash } from 'node:crypto';
import { GatehouseError } from '@gatehouse/access';
import { importVerifyingKey, MessageSignatureError } from '@gatehouse/protocol';
import { readPublicKey, X509Error } from '@gatehouse/x509';
import type { PublicKey } from '../store/store.ts';

const MEMBERS: Readonly<Record<string, readonly string[]>> = {
  EC: ['crv', 'kty', 'x', 'y'],
  OKP: ['crv', 'kty', 'x'],
  RSA: ['e', 'kty', 'n'],
};

/** PEM of an SPKI: Ed25519, P-256, P-384, or RSA of at least 2048 bits. Throws `unprocessable`. */
export async function readSigningPublicKey(pem: string): Promise<PublicKey> {
  const key = publicKeyOf(pem);
  try {
    await importVerifyingKey(key);
  } catch (error) {
    if (error instanceof MessageSignatureError) throw unusable(error.message, { cause: error });
    throw error;
  }
  return key;
}

/** The algorithm of its signatures, as RFC 9421 §6.2.2 names it. */
export function algorithmOf({ kty, crv }: PublicKey): string {
  if (kty === 'RSA') return 'rsa-pss-sha512';
  if (kty === 'OKP') return 'ed25519';
  return crv === 'P-256' ? 'ecdsa-p256-sha256' : 'ecdsa-p384-sha384';
}

/** RFC 7638. The members are stored in its order. */
export function thumbprintOf(key: PublicKey): string {
  return createHash('sha256').update(JSON.stringify(key)).digest('base64url');
}

function publicKeyOf(pem: string): PublicKey {
  try {
    return membersOf(readPublicKey(Buffer.from(pem)).export({ format: 'jwk' }) as Record<string, string>);
  } catch (error) {
    if (error instanceof X509Error) throw unusable(error.message, { cause: error });
    throw unusable('this kind of key cannot sign requests', { cause: error });
  }
}

function membersOf(jwk: Readonly<Record<string, string>>): PublicKey {
  const names = MEMBERS[jwk.kty ?? ''] ?? [];
  return Object.fromEntries(names.map((name) => [name, jwk[name] ?? '']));
}

function unusable(why: string, options?: ErrorOptions): GatehouseError {
  return new GatehouseError(
    'unprocessable',
    `The public key cannot be used: ${why.replace(/\.$/, '')}. Give PEM of an Ed25519, P-256 or RSA key (at least 2048 bits).`,
    options,
  );
}

// The key of proofs (RFC 9449) as it is stored, and as the library needs it.
import type { DPoPHandle } from 'oauth4webapi';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' };

/** Makes proofs with one key, and remembers the nonces of servers. */
export interface Prover {
  handle: DPoPHandle;
  key: JsonWebKey;
}

/** With the stored key, or with a new one. */
export async function createProver(stored: JsonWebKey | undefined): Promise<Prover> {
  const { DPoP } = await import('oauth4webapi');
  const pair = stored === undefined ? await newKeyPair() : await importKeyPair(stored);
  const key = stored ?? ((await crypto.subtle.exportKey('jwk', pair.privateKey)) as JsonWebKey);
  return { handle: DPoP({}, pair), key };
}

function newKeyPair(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

async function importKeyPair(key: JsonWebKey): Promise<CryptoKeyPair> {
  const { d: _private, ...open } = key;
  const [privateKey, publicKey] = await Promise.all([
    crypto.subtle.importKey('jwk', { ...key, key_ops: ['sign'] }, ALGORITHM, false, ['sign']),
    crypto.subtle.importKey('jwk', { ...open, key_ops: ['verify'] }, ALGORITHM, true, ['verify']),
  ]);
  return { privateKey, publicKey };
}

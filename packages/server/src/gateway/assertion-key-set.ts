// The public keys with which upstreams verify `Gatehouse-Assertion` (docs/wire/assertion.md).
import { createPrivateKey } from 'node:crypto';
import type { JWK } from 'jose';
import { calculateJwkThumbprint, exportJWK } from 'jose';

/** The key set with which upstreams verify assertions, and the id of its key. */
export async function assertionKeySet(
  privateKeyPem: string,
): Promise<{ kid: string; jwks: { keys: JWK[] } }> {
  const { d: _private, ...publicJwk } = await exportJWK(createPrivateKey(privateKeyPem));
  const kid = await calculateJwkThumbprint(publicJwk);
  return { kid, jwks: { keys: [{ ...publicJwk, kid, use: 'sig', alg: 'ES256' }] } };
}

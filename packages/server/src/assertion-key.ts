// The key that signs requests to upstreams, and the key set with which they verify it.
import { generateKeyPairSync } from 'node:crypto';
import type { JWK } from 'jose';
import { z } from 'zod';
import { assertionKeySet } from './gateway/index.ts';
import { json } from './platform/http/answer.ts';
import type { Route } from './platform/http/route.ts';
import { route } from './platform/http/route.ts';
import type { KeyStore } from './platform/key-store.ts';

export interface AssertionKey {
  /** PKCS#8 PEM. */
  privateKey: string;
  kid: string;
  jwks: { keys: JWK[] };
}

/** The key that signs requests to upstreams. The first start creates it. */
export async function openAssertionKey(keyStore: KeyStore): Promise<AssertionKey> {
  const pem = await keyStore.loadOrCreate('gateway/assertion-key', () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    return Buffer.from(privateKey.export({ type: 'pkcs8', format: 'pem' }));
  });
  const privateKey = Buffer.from(pem).toString('utf8');
  return { privateKey, ...(await assertionKeySet(privateKey)) };
}

/** Serves the keys with which upstreams verify `Gatehouse-Assertion`. */
export function assertionKeysRoute({ jwks }: AssertionKey): Route {
  return route({
    name: 'readAssertionKeys',
    method: 'GET',
    path: '/.well-known/gatehouse-assertion-jwks.json',
    permission: 'public',
    summary: 'Read the keys that verify Gatehouse-Assertion at an upstream (RFC 7517)',
    answers: { 200: z.object({ keys: z.array(z.looseObject({})) }) },
    handle: () => json(jwks),
  });
}

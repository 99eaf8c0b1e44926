// The keys with which upstreams verify assertions.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { assertionKeySet } from '../../src/gateway/assertion-key-set.ts';

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const { kid, jwks } = await assertionKeySet(String(privateKey.export({ type: 'pkcs8', format: 'pem' })));

test('the key set holds only the public key (RFC 7517 §4)', () => {
  const [key] = jwks.keys;
  assert.equal(jwks.keys.length, 1);
  assert.equal(key?.d, undefined);
  assert.deepEqual([key?.kid, key?.use, key?.alg], [kid, 'sig', 'ES256']);
});

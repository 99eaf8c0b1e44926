import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { compactVerify } from 'jose';
import { signHead } from '../../src/audit/signed-head.ts';

const head = { seq: 61, hash: 'ab'.repeat(32), ledger: 'cd'.repeat(32) };
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

test('a signed head is a JWS that any library verifies, with its time and type', async () => {
  const jws = signHead({ kid: 'k1', privateKey, jwk: {} }, head, Date.parse('2030-01-01T00:00:00.900Z'));
  const { payload, protectedHeader } = await compactVerify(jws, publicKey);
  assert.deepEqual(JSON.parse(new TextDecoder().decode(payload)), { ...head, iat: 1_893_456_000 });
  assert.deepEqual(protectedHeader, { alg: 'ES256', typ: 'gatehouse-ledger-head+jwt', kid: 'k1' });
});

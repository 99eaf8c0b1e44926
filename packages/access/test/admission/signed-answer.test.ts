import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import type { JsonKey, RequestMessage } from '@gatehouse/protocol';
import {
  importVerifyingKey,
  readSignatures,
  verifyContentDigest,
  verifySignature,
} from '@gatehouse/protocol';
import { createAnswerSigner } from '../../src/admission/signed-answer.ts';
import { createFakeClock } from '../support/fake-clock.ts';

const clock = createFakeClock();
const now = Math.floor(clock.now() / 1000);
const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const privateKey = String(pair.privateKey.export({ type: 'pkcs8', format: 'pem' }));
const key = await importVerifyingKey(pair.publicKey.export({ format: 'jwk' }) as JsonKey);
const signer = createAnswerSigner({ privateKey, kid: 'k1', keySet: '{}' }, clock);
const request: RequestMessage = {
  method: 'GET',
  target: '/notes?a=1',
  authority: 'localhost:8443',
  fields: [],
};

/** The components that the verified signature of an answer covers. */
async function covered(fields: string[], to: RequestMessage, status = 200): Promise<string[]> {
  const content = Buffer.from('hello');
  const added = await signer.sign(to, { status, fields, content });
  const message = { status, fields: [...fields, ...added], request: to };
  const [signature] = readSignatures(message.fields);
  assert.ok(signature);
  const policy = { components: ['@status', 'content-digest'], now, maxAgeSeconds: 0, maxSkewSeconds: 0 };
  await verifySignature(signature, message, { key, policy });
  await verifyContentDigest(added[1], content);
  assert.deepEqual([signature.keyid, signature.created, signature.alg], ['k1', now, 'ecdsa-p256-sha256']);
  return signature.components.map(({ value, params }) => [value.value, ...params.keys()].join(';'));
}

const ALWAYS = ['@status', 'content-digest', '@method;req', '@authority;req', '@path;req', '@query;req'];

test('covers the status, the content and the request', async () => {
  assert.deepEqual(await covered([], request), ALWAYS);
});

test('covers the type of the answer, and the signature of a signed request', async () => {
  const signed = { ...request, fields: ['Signature', 'sig1=:AAAA:', 'Content-Digest', 'sha-256=:AAAA:'] };
  const expected = [...ALWAYS, 'content-type', 'content-digest;req', 'signature;req'];
  assert.deepEqual(await covered(['Content-Type', 'text/plain'], signed), expected);
});

test('covers values that are not ASCII as bytes (RFC 9421 §2.1.3)', async () => {
  const strange = { ...request, fields: ['Signature', 'caf\u00e9'] };
  const expected = [...ALWAYS, 'content-type;bs', 'signature;bs;req'];
  assert.deepEqual(await covered(['Content-Type', 'text/\u00e9'], strange), expected);
});

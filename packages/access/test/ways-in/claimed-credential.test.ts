// The ids in a denied credential.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatApiKey, generateApiKey } from '../../src/credentials/api-key.ts';
import { claimedCredential } from '../../src/ways-in/claimed-credential.ts';

const { id, text } = generateApiKey();
const ofKey = (apiKey: string) => claimedCredential({ authorization: undefined, apiKey });
const ofBearer = (token: string) =>
  claimedCredential({ authorization: `Bearer ${token}`, apiKey: undefined });
const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const jwt = (payload: object) => `${part({ alg: 'ES256' })}.${part(payload)}.c2lnbmF0dXJl`;

test('the id of an API key, in either field, also with a wrong secret', () => {
  assert.deepEqual(ofKey(text), { keyId: id });
  assert.deepEqual(ofBearer(text), { keyId: id });
  assert.deepEqual(ofKey(formatApiKey({ id, secret: 'a'.repeat(32) })), { keyId: id });
});

test('nothing for a mistyped key, because it may be any text', () => {
  for (const wrong of [`${text.slice(0, -1)}!`, `ghk_${id}_x_0`, 'hunter2'])
    assert.deepEqual(ofKey(wrong), {});
});

test('the jti of a token, also with a wrong signature', () => {
  assert.deepEqual(ofBearer(jwt({ jti: 't1' })), { tokenId: 't1' });
});

test('the id of the API key in Basic, and the jti of a token with DPoP', () => {
  const of = (authorization: string) => claimedCredential({ authorization, apiKey: undefined });
  assert.deepEqual(of(`Basic ${Buffer.from(`robot:${text}`).toString('base64')}`), { keyId: id });
  assert.deepEqual(of(`DPoP ${jwt({ jti: 't1' })}`), { tokenId: 't1' });
  assert.deepEqual(of('Digest username="alice"'), {});
});

test('nothing for other text than a token, without a jti, and for a jti that is not short ASCII text', () => {
  const texts = ['x'.repeat(129), '', 'a b', '\u001b[31m', '\u009b31m', 'a\u202eb'];
  for (const payload of [{}, { jti: 7 }, ...texts.map((jti) => ({ jti }))])
    assert.deepEqual(ofBearer(jwt(payload)), {});
  for (const token of ['a.b.c', 'nonsense', `${jwt({ jti: 'x' })}${'A'.repeat(8192)}`])
    assert.deepEqual(ofBearer(token), {});
  assert.deepEqual(claimedCredential({ authorization: 'Basic YTpi', apiKey: undefined }), {});
  assert.deepEqual(claimedCredential({ authorization: undefined, apiKey: undefined }), {});
});

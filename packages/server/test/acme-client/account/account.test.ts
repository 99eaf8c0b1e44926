// Our account at a directory (RFC 8555 §7.3).
import assert from 'node:assert/strict';
import { createPublicKey } from 'node:crypto';
import { test } from 'node:test';
import { generatePrivateKey } from '@gatehouse/x509';
import type { FlattenedJWSInput, JWK } from 'jose';
import { flattenedVerify } from 'jose';
import { openAccount } from '../../../src/acme-client/account/account.ts';
import type { Answer, Session } from '../../../src/acme-client/directory/session.ts';

const NEW_ACCOUNT = 'https://ca.example/new-account';
const KID = 'https://ca.example/account/1';
const jwk = createPublicKey(generatePrivateKey('P-256')).export({ format: 'jwk' }) as JWK;

function sessionWith(answer: Partial<Answer>) {
  const posts: { url: string; kid: string | undefined; payload: Record<string, unknown> }[] = [];
  const session = {
    jwk,
    directory: async () => ({ newAccount: NEW_ACCOUNT }),
    async post(url: string, { payload, kid }: { payload?: object; kid?: string }) {
      posts.push({ url, kid, payload: { ...payload } });
      return { status: 201, body: {}, location: KID, ...answer };
    },
  } as unknown as Session;
  return { session, posts };
}

test('accepts the terms, and sends the contact', async () => {
  const { session, posts } = sessionWith({});
  const contact = ['mailto:ops@example.com'];
  assert.equal(await openAccount(session, { contact, eab: undefined }), KID);
  assert.deepEqual(posts, [
    { url: NEW_ACCOUNT, kid: undefined, payload: { termsOfServiceAgreed: true, contact } },
  ]);
});

test('corrects the contact of an existing account, and changes nothing else (RFC 8555 §7.3.2)', async () => {
  const contact = ['mailto:new@example.com'];
  const old = sessionWith({ status: 200, body: { contact: ['mailto:old@example.com'] } });
  await openAccount(old.session, { contact, eab: undefined });
  assert.deepEqual(old.posts[1], { url: KID, kid: KID, payload: { contact } });
  const same = sessionWith({ status: 200, body: { contact } });
  await openAccount(same.session, { contact, eab: undefined });
  assert.equal(same.posts.length, 1);
});

test('binds the account key to an external account (RFC 8555 §7.3.4)', async () => {
  const { session, posts } = sessionWith({});
  const hmacKey = Buffer.alloc(32, 7);
  await openAccount(session, { contact: [], eab: { keyId: 'kid-1', hmacKey } });
  const binding = posts[0]?.payload.externalAccountBinding as FlattenedJWSInput;
  const { payload, protectedHeader } = await flattenedVerify(binding, hmacKey);
  assert.deepEqual(protectedHeader, { alg: 'HS256', kid: 'kid-1', url: NEW_ACCOUNT });
  assert.deepEqual(JSON.parse(Buffer.from(payload).toString()), jwk);
});

test('refuses a directory that returns no account', async () => {
  const { session } = sessionWith({ location: undefined });
  await assert.rejects(openAccount(session, { contact: [], eab: undefined }), /does not return an account/);
});

// Signed requests to a directory (RFC 8555 §6): nonces, their replacement, and problems.
import assert from 'node:assert/strict';
import { createPublicKey } from 'node:crypto';
import { test } from 'node:test';
import { generatePrivateKey } from '@gatehouse/x509';
import { flattenedVerify } from 'jose';
import type { Exchange, HttpsRequest } from '../../../src/acme-client/directory/https.ts';
import { openSession } from '../../../src/acme-client/directory/session.ts';
import { OrderFailure } from '../../../src/acme-client/failure.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const DIRECTORY = 'https://ca.example/dir';
const RESOURCES = {
  newNonce: 'https://ca.example/nonce',
  newAccount: 'https://ca.example/account',
  newOrder: 'https://ca.example/order',
};

interface Reply {
  status?: number;
  body?: unknown;
  headers?: Record<string, string>;
}

/** A directory whose answers to POSTs are `replies`, one after the other. Each answer has a new nonce. */
async function sessionWith(replies: Reply[], directory: unknown = RESOURCES) {
  const key = generatePrivateKey('P-256');
  const sent: HttpsRequest[] = [];
  let nonces = 0;
  const answer = ({ status = 200, body = {}, headers = {} }: Reply): Exchange => {
    nonces += 1;
    return {
      status,
      headers: { 'replay-nonce': `nonce-${nonces}`, ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    };
  };
  const https = {
    async send(request: HttpsRequest) {
      sent.push(request);
      if (request.method === 'HEAD') return answer({});
      return answer(request.method === 'GET' ? { body: directory } : (replies.shift() ?? {}));
    },
  };
  const { signal } = new AbortController();
  const session = await openSession({ https, now: () => NOW, signal }, { directoryUrl: DIRECTORY, key });
  const headers = () =>
    sent
      .filter(({ method }) => method === 'POST')
      .map(({ body = '' }) => JSON.parse(Buffer.from(JSON.parse(body).protected, 'base64url').toString()));
  return { session, sent, headers, key };
}

const BAD_NONCE = { status: 400, body: { type: 'urn:ietf:params:acme:error:badNonce', detail: 'no' } };

test('signs with the account key: alg, nonce, url, and jwk or kid (RFC 8555 §6.2)', async () => {
  const { session, sent, headers, key } = await sessionWith([]);
  await session.post('https://ca.example/x', { payload: { a: 1 } });
  await session.post('https://ca.example/x', { kid: 'https://ca.example/me' });
  const [first, second] = headers();
  assert.deepEqual(first, { alg: 'ES256', nonce: 'nonce-2', url: 'https://ca.example/x', jwk: session.jwk });
  assert.equal(second.kid, 'https://ca.example/me');
  assert.equal(second.jwk, undefined);
  const posts = sent.filter(({ method }) => method === 'POST');
  const { payload } = await flattenedVerify(JSON.parse(posts[0]?.body ?? ''), createPublicKey(key));
  assert.equal(Buffer.from(payload).toString(), '{"a":1}');
  assert.equal(JSON.parse(posts[1]?.body ?? '').payload, '', 'a POST-as-GET has no payload (§6.3)');
});

test('repeats a request whose nonce was refused, with the nonce of the refusal (RFC 8555 §6.5)', async () => {
  const { session, headers } = await sessionWith([BAD_NONCE, BAD_NONCE, { body: { status: 'valid' } }]);
  const { body } = await session.post('https://ca.example/x', { payload: {} });
  assert.equal(body.status, 'valid');
  const nonces = headers().map(({ nonce }) => nonce);
  assert.equal(new Set(nonces).size, 3, 'no nonce is used twice');
});

test('gives up when every nonce is refused', async () => {
  const { session, headers } = await sessionWith(new Array(100).fill(BAD_NONCE));
  await assert.rejects(session.post('https://ca.example/x', { payload: {} }), /answers 400: no \(badNonce\)/);
  assert.equal(headers().length, 20);
});

test('a problem becomes one line with its type, its details, and the time to wait', async () => {
  const body = {
    type: 'urn:ietf:params:acme:error:rateLimited',
    detail: 'too many\ncertificates',
    subproblems: [{ type: 'urn:ietf:params:acme:error:dns', detail: 'a.example' }],
  };
  const { session } = await sessionWith([{ status: 429, body, headers: { 'retry-after': '3600' } }]);
  await assert.rejects(session.post('https://ca.example/x', { payload: {} }), (error: unknown) => {
    assert.ok(error instanceof OrderFailure);
    assert.equal(
      error.message,
      'https://ca.example/x answers 429: too many certificates; a.example (rateLimited)',
    );
    assert.equal(error.type, 'rateLimited');
    assert.equal(error.retryAt, NOW + 3_600_000);
    return true;
  });
});

test('problems within problems within problems are not read (RFC 8555 §6.7.1)', async () => {
  const body = `${'{"type":"a","detail":"b","subproblems":['.repeat(6000)}${']}'.repeat(6000)}`;
  const { session } = await sessionWith([{ status: 400, body }]);
  await assert.rejects(session.post('https://ca.example/x', {}), { message: /answers 400: b; b \(a\)$/ });
});

test('follows no redirect, and says where it leads', async () => {
  const { session } = await sessionWith([
    { status: 301, body: '', headers: { location: 'https://b.example/' } },
  ]);
  await assert.rejects(session.post('https://ca.example/x', {}), {
    message:
      'https://ca.example/x answers 301: it redirects to https://b.example/, and redirects are not followed',
  });
});

test('reads JSON that begins with white space', async () => {
  const { session } = await sessionWith([], `\n ${JSON.stringify(RESOURCES)}`);
  assert.equal((await session.directory()).newOrder, RESOURCES.newOrder);
});

test('refuses an answer that is no directory, and reads the offers of a directory', async () => {
  for (const body of ['<html>', '[]', '{', { newNonce: 'https://ca.example/nonce' }]) {
    const { session } = await sessionWith([], body);
    await assert.rejects(
      session.directory(),
      /https:\/\/ca\.example\/dir is not an ACME directory: it has no new/,
    );
  }
  const meta = { termsOfService: 'https://ca.example/terms', profiles: { short: 'six days' } };
  const { session } = await sessionWith([], { ...RESOURCES, meta });
  const { profiles, termsOfService, renewalInfo } = await session.directory();
  assert.deepEqual([profiles, termsOfService, renewalInfo], [['short'], meta.termsOfService, undefined]);
});

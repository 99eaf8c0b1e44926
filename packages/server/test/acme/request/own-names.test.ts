// The names under which requests are accepted (RFC 8555 §6.4), also after a change of `control.url`.
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { createUrls } from '../../../src/acme/urls.ts';
import { createClient, createKey, flattened } from '../support/client.ts';
import { meetHttp01, obtain, signingRequest, startFlow } from '../support/flow.ts';
import { assertProblem, startAcme } from '../support/server.ts';

const OF_THIS_MACHINE = ['localhost', '127.0.0.1', '::1'];
const TARGET = '/acme/new-order?a=1';

const isFor = (url: string, target = TARGET) =>
  createUrls({
    origin: 'https://ca.example.com',
    ownNames: [...OF_THIS_MACHINE, 'Old.example.com', '*.internal'],
    port: 9443,
  }).isFor(url, target);

test('a URL is ours with the host of control.url, or with a name of our certificate', () => {
  for (const origin of [
    'https://ca.example.com',
    'https://CA.example.com:443',
    'https://ca.example.com:9443',
    'https://localhost:9443',
    'https://127.0.0.1:9443',
    'https://[::1]:9443',
    'https://old.example.com',
    'https://old.example.com:9443',
    'https://a.internal:9443',
  ]) {
    assert.equal(isFor(`${origin}${TARGET}`), true, origin);
  }
});

test('a URL of another host, port or scheme, or with credentials, is not ours (RFC 8555 §6.4)', () => {
  for (const origin of [
    'https://ca.example.com:8443',
    'http://ca.example.com',
    'http://localhost:9443',
    'https://example.com',
    'https://ca.example.com.evil.example',
    'https://evil.example:9443',
    'https://a.b.internal:9443',
    'https://internal:9443',
    'https://user@ca.example.com',
    'https://evil.example\\@ca.example.com',
    'https://ca.example.com ',
    ' https://ca.example.com',
    'ca.example.com',
    '',
  ]) {
    assert.equal(isFor(`${origin}${TARGET}`), false, origin);
  }
});

test('path and query must be those of the request, in absolute form too (RFC 9112 §3.2.2)', () => {
  const url = `https://ca.example.com${TARGET}`;
  for (const other of [
    `${url}&b`,
    `${url}#x`,
    'https://ca.example.com',
    url.replace('new', '%6eew'),
    `${url}\n`,
  ])
    assert.equal(isFor(other), false, other);
  assert.equal(isFor(url, `https://localhost:9443${TARGET}`), true);
  assert.equal(isFor(url, 'https://localhost:9443/acme/new-account'), false);
});

/** An account and an order under one name, and the server's next process under another `control.url`. */
async function startRenamed(t: TestContext, ownNames: string[]) {
  const flow = await startFlow(t, { ownNames: OF_THIS_MACHINE, names: OF_THIS_MACHINE });
  const order = await flow.client.order(['localhost']);
  await flow.server.acme.close();
  const settings = { httpPort: flow.web.port, ownNames, names: OF_THIS_MACHINE };
  const server = await startAcme(t, settings, { ...flow.server, url: 'https://ca.example.com:9443' });
  flow.server.send = server.send;
  return { ...flow, server, order };
}

test('the target must be a path without a fragment, even if our origin and the target together make the URL', () => {
  for (const target of ['@evil.example/x', '.evil.example/x', ':1/x', 'https://evil.example/x', '/x#y', ''])
    assert.equal(isFor(`https://ca.example.com${target}`, target), false, target);
});

test('accounts and orders continue after a change of control.url', async (t) => {
  const { client, order, web } = await startRenamed(t, OF_THIS_MACHINE);
  const [authorization = ''] = order.body.authorizations;
  assert.match(authorization, /^https:\/\/localhost:9443\//);
  assert.equal((await meetHttp01({ web, client }, authorization)).body.status, 'valid');
  const csr = signingRequest(['localhost']);
  const finalized = await client.post(order.body.finalize, { csr });
  assert.match(finalized.body.certificate, /^https:\/\/ca\.example\.com:9443\//);
  assert.equal((await client.post(order.headers.get('location') ?? '')).body.status, 'valid');
});

test('an account is found by the path of its URL, even under a former name (RFC 8555 §6.2)', async (t) => {
  const { client, order, web, server } = await startRenamed(t, []);
  const now = 'https://ca.example.com:9443';
  const renamed = (url: string) => url.replace('https://localhost:9443', now);
  assertProblem(await client.post(order.headers.get('location') ?? ''), 'unauthorized', 403, /6\.4/);
  assert.equal((await client.post(renamed(order.headers.get('location') ?? ''))).body.status, 'pending');
  const { kid } = client;
  assert.match(kid ?? '', /^https:\/\/localhost:9443\//);
  const again = await client.post(`${now}/acme/new-order`, {
    identifiers: [{ type: 'dns', value: 'localhost' }],
  });
  assert.equal(again.status, 201);
  assert.equal((await meetHttp01({ web, client }, again.body.authorizations[0] ?? '')).body.status, 'valid');
  const stranger = await createClient(server);
  const signing = { header: { kid, jwk: undefined }, key: stranger.key };
  assertProblem(await stranger.post(renamed(kid ?? ''), undefined, signing), 'malformed', 400, /signature/);
});

test('a key change accepts the former and the present URL of the account (RFC 8555 §7.3.5)', async (t) => {
  const { client } = await startRenamed(t, OF_THIS_MACHINE);
  const present = client.kid?.replace('localhost', 'ca.example.com');
  for (const account of [client.kid, present]) {
    const next = await createKey();
    const url = 'https://localhost:9443/acme/key-change';
    const payload = JSON.stringify({ account, oldKey: client.key.jwk });
    const inner = await flattened(payload, { alg: next.alg, jwk: next.jwk, url }, next);
    const answer = await client.post(url, inner);
    assert.equal(answer.status, 200, answer.text);
    client.key = next;
  }
});

test('refuses a request that another server forwards, with any Host field', async (t) => {
  const flow = await startFlow(t, { ownNames: OF_THIS_MACHINE, names: OF_THIS_MACHINE });
  const url = 'https://evil.example:9443/acme/new-order';
  const answer = await flow.client.post(url, { identifiers: [{ type: 'dns', value: 'localhost' }] });
  assertProblem(answer, 'unauthorized', 403, /6\.4/);
  await obtain(flow, ['localhost']);
});

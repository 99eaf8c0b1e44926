// Requests to a provider: trust, and limits of time and size.
import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { createTestAuthority } from '../../../../../conformance/support/test-authority.ts';
import { createProviderFetch, ProviderUnreachable } from '../../../src/identity/providers/provider-fetch.ts';

const authority = createTestAuthority();
const options = { method: 'GET', headers: {}, redirect: 'manual', body: undefined } as const;

async function setUp(t: TestContext, answer: RequestListener, timeoutMs = 30_000) {
  const { key, cert } = authority.issue();
  const server = createServer({ key, cert }, answer).listen(0, '127.0.0.1');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  await new Promise((resolve) => server.once('listening', resolve));
  const url = `https://localhost:${(server.address() as AddressInfo).port}/`;
  return {
    url,
    fetch: createProviderFetch({ roots: () => authority.root, userAgent: 'gatehouse', timeoutMs }),
  };
}

const unreachable = (reason: RegExp) => (error: unknown) =>
  error instanceof ProviderUnreachable && reason.test(error.message);

test('sends a form, and returns the answer', async (t) => {
  const { url, fetch } = await setUp(t, async (request, response) => {
    const body = await new Response(request as never).text();
    response.writeHead(201, { 'x-agent': request.headers['user-agent'] }).end(`${request.method} ${body}`);
  });
  const body = new URLSearchParams({ a: 'b c' });
  const answer = await fetch(url, { ...options, method: 'POST', body });
  assert.deepEqual(
    [answer.status, answer.headers.get('x-agent'), await answer.text()],
    [201, 'gatehouse', 'POST a=b+c'],
  );
});

test('trusts only the roots of the provider, and only TLS', async (t) => {
  const { url } = await setUp(t, (_request, response) => response.end());
  const other = createTestAuthority().root;
  const fetch = createProviderFetch({ roots: () => other, userAgent: 'gatehouse', timeoutMs: 30_000 });
  await assert.rejects(async () => fetch(url, options), unreachable(/cannot be reached: .*certificate/));
  await assert.rejects(async () => fetch('http://localhost:1/', options), unreachable(/not an https URL/));
});

test('follows no redirect', async (t) => {
  const { url, fetch } = await setUp(t, (request, response) => {
    response.writeHead(request.url === '/' ? 302 : 200, { location: '/elsewhere' }).end();
  });
  assert.equal((await fetch(url, options)).status, 302);
});

test('gives up on an answer that is too large or takes too long', async (t) => {
  const { url, fetch } = await setUp(t, (_request, response) => response.end('x'.repeat(600 * 1024)));
  await assert.rejects(async () => fetch(url, options), unreachable(/more than 524288 octets/));
  const silent = await setUp(t, () => {}, 50);
  await assert.rejects(
    async () => silent.fetch(silent.url, options),
    unreachable(/took longer than 0\.05 s/),
  );
  const endless = await setUp(t, (_request, response) => response.write('x'), 50);
  await assert.rejects(async () => endless.fetch(endless.url, options), unreachable(/took longer/));
});

test('says why there is no answer', async (t) => {
  const { url, fetch } = await setUp(t, (_request, response) => response.destroy());
  await assert.rejects(
    async () => fetch(url, options),
    unreachable(/cannot be reached: the connection was interrupted/),
  );
});

// Messages of the authorization server: to any address, over verified TLS.
import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { createTestAuthority } from '../../../../../conformance/support/test-authority.ts';
import { createOutbound } from '../../../src/oauth/provider/outbound.ts';

const authority = createTestAuthority();
const message = () => ({ method: 'POST', body: new URLSearchParams({ logout_token: 'a.b.c' }) });

async function listen(t: TestContext, answer: RequestListener): Promise<string> {
  const { key, cert } = authority.issue();
  const server = createServer({ key, cert }, answer).listen(0, '127.0.0.1');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  await new Promise((resolve) => server.once('listening', resolve));
  return `https://localhost:${(server.address() as AddressInfo).port}/`;
}

test('sends a message to the own machine, and trusts the given authorities', async (t) => {
  let body = '';
  const url = await listen(t, async (request, response) => {
    body = await new Response(request as never).text();
    response.writeHead(204).end();
  });
  const { status } = await createOutbound(() => authority.root)(url, message());
  assert.deepEqual([status, body], [204, 'logout_token=a.b.c']);
  const other = createTestAuthority().root;
  await assert.rejects(createOutbound(() => other)(url, message()), /certificate/);
});

test('follows no redirect, and waits no longer than the limit', async (t) => {
  const url = await listen(t, ({ url: path }, response) => {
    if (path === '/') response.writeHead(302, { location: '/silent' }).end();
  });
  const send = createOutbound(() => authority.root);
  assert.equal((await send(url, message())).status, 302);
  const signal = AbortSignal.timeout(50);
  await assert.rejects(send(`${url}silent`, { ...message(), signal }), { name: 'AbortError' });
});

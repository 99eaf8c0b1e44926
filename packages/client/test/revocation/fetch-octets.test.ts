// Fetching a URL from a certificate: all limits apply, because a stranger wrote the URL.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { createPublicCheck, fetchOctets } from '../../src/revocation/index.ts';

const limits = { maxBytes: 1000, seconds: 5 };

async function serve(t: TestContext, answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

test('sends a body by POST with its type, and returns the octets', async (t) => {
  const url = await serve(t, async (request, response) => {
    const body = Buffer.concat(await request.toArray());
    response.end(`${request.method} ${request.headers['content-type']} ${body}`);
  });
  const order = { ...limits, body: Buffer.from('hi'), contentType: 'application/ocsp-request' };
  assert.equal(String(await fetchOctets(url, order)), 'POST application/ocsp-request hi');
  assert.equal(String(await fetchOctets(url, limits)), 'GET undefined ');
});

test('refuses an answer that is too large or too late, and reports a missing answer', async (t) => {
  const large = await serve(t, (_request, response) => {
    response.write(Buffer.alloc(2000));
  });
  await assert.rejects(fetchOctets(large, limits), /more than 1000 octets/);
  const silent = await serve(t, () => {});
  await assert.rejects(fetchOctets(silent, { ...limits, seconds: 0.05 }), /no answer within 0.05 s/);
  const cut = await serve(t, (_request, response) => {
    response.writeHead(200, { 'content-length': 100 });
    response.write('part');
    setImmediate(() => response.destroy());
  });
  await assert.rejects(fetchOctets(cut, limits));
});

test('follows no redirect, and accepts only HTTP URLs without credentials', async (t) => {
  const url = await serve(t, (_request, response) => response.writeHead(302, { location: '/x' }).end());
  await assert.rejects(fetchOctets(url, limits), /status of the answer is 302/);
  for (const other of ['ldap://localhost/', 'file:///etc/passwd', 'http://user:x@localhost/', 'nothing'])
    await assert.rejects(fetchOctets(other, limits), /must begin with http/);
});

test('connects to no private address if that is not allowed, by name or by number', async (t) => {
  let asked = 0;
  const url = await serve(t, (_request, response) => {
    asked += 1;
    response.end();
  });
  const guarded = { ...limits, isAllowed: createPublicCheck() };
  await assert.rejects(fetchOctets(url, guarded), { code: 'forbidden_address' });
  await assert.rejects(fetchOctets(url.replace('127.0.0.1', 'localhost'), guarded), {
    code: 'forbidden_address',
  });
  assert.equal(asked, 0);
});

// Plain HTTP on port 80: answers to http-01, redirects to our names, and nothing else.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { createPlainHttp } from '../../../src/gateway/challenges/plain-listener.ts';

const server = createServer(
  createPlainHttp({
    answer: (token) => (token === 'known' ? 'known.thumbprint' : undefined),
    url: 'https://Gate.example:8443',
    names: () => ['shop.example', '*.wild.example'],
  }),
).listen(0, '127.0.0.1');
await once(server, 'listening');
after(() => void server.close());
const { port } = server.address() as AddressInfo;

function ask(path: string, host: string, method = 'GET') {
  return new Promise<{ status: number; location: string | undefined; text: string }>((resolve, reject) => {
    const outgoing = request({ port, path, method, headers: { host } }, (answer) => {
      let text = '';
      answer.on('data', (chunk: Buffer) => {
        text += chunk;
      });
      answer.on('end', () =>
        resolve({ status: answer.statusCode ?? 0, location: answer.headers.location, text }),
      );
    });
    outgoing.once('error', reject).end();
  });
}

test('answers a challenge by its token, for any host (RFC 8555 §8.3)', async () => {
  const { status, text } = await ask('/.well-known/acme-challenge/known', 'any.example');
  assert.deepEqual([status, text], [200, 'known.thumbprint']);
  for (const path of ['unknown', 'known/', 'known?a', '../known', '%6bnown', ''])
    assert.equal((await ask(`/.well-known/acme-challenge/${path}`, 'other.example')).status, 404, path);
  assert.equal((await ask('/.well-known/acme-challenge/known', 'any.example', 'POST')).status, 404);
});

test('redirects to our names, and keeps path and query', async () => {
  for (const host of ['shop.example', 'SHOP.example:80', 'a.wild.example', 'gate.example']) {
    const { status, location } = await ask('/a/b?c=d', host);
    assert.equal(status, 308);
    assert.equal(location, `https://${host.replace(':80', '').toLowerCase()}:8443/a/b?c=d`);
  }
  assert.equal((await ask('/', 'shop.example', 'HEAD')).status, 308);
});

test('redirects to no other name, and no request that carries something', async () => {
  for (const host of [
    'evil.example',
    'shop.example.evil.example',
    'a.b.wild.example',
    'wild.example',
    'x@shop.example',
  ])
    assert.equal((await ask('/', host)).status, 404, host);
  assert.equal((await ask('/', 'shop.example', 'POST')).status, 404);
  assert.equal((await ask('http://evil.example/', 'shop.example')).status, 404);
});

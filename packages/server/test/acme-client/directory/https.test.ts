// Requests to a directory: over verified TLS, with limits, and to no other server.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { serverProfile } from '@gatehouse/x509';
import { createHttps } from '../../../src/acme-client/directory/https.ts';
import { createTestAuthority } from '../../support/certificates.ts';

const authority = createTestAuthority();
let handle: RequestListener = (_, answer) => void answer.end('{}');
const { privateKey: key, certificateChain: cert } = authority.issue();
const origin = await listen({ key, cert });

async function listen(identity: { key: string; cert: string }): Promise<string> {
  const server = createServer(identity, (request, answer) => handle(request, answer));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  after(() => {
    server.close();
    server.closeAllConnections();
  });
  return `https://localhost:${(server.address() as AddressInfo).port}`;
}

const https = createHttps({ roots: authority.root, userAgent: 'gatehouse/test' });
const { signal } = new AbortController();
const get = (url: string, one = https) => one.send({ method: 'GET', url }, signal);

test('sends a JWS as application/jose+json, with a user agent (RFC 8555 §6.1, §6.2)', async () => {
  const seen: (string | undefined)[] = [];
  handle = ({ headers, method }, answer) => {
    seen.push(method, headers['content-type'], headers['user-agent']);
    answer.writeHead(201, { location: '/x' }).end('{"a":1}');
  };
  const { status, headers, body } = await https.send({ method: 'POST', url: origin, body: '{}' }, signal);
  assert.deepEqual(seen, ['POST', 'application/jose+json', 'gatehouse/test']);
  assert.deepEqual([status, headers.location, body], [201, '/x', '{"a":1}']);
});

test('refuses a directory whose certificate has no chain to the roots, or is for another name', async () => {
  const stranger = createHttps({ roots: createTestAuthority().root, userAgent: 'x' });
  await assert.rejects(get(origin, stranger), /cannot be reached: .*\(UNABLE_TO_\w+|SELF_SIGNED/);
  const foreign = { uris: [], dnsNames: ['ca.example'], profile: serverProfile() };
  const other = await listen(authority.issueClient(foreign));
  await assert.rejects(get(other), /ERR_TLS_CERT_ALTNAME_INVALID/);
});

test('follows no redirect, and reads no other scheme', async () => {
  handle = (_, answer) => void answer.writeHead(302, { location: `${origin}/elsewhere` }).end();
  assert.equal((await get(origin)).status, 302);
  for (const url of [origin.replace('https', 'http'), 'file:///etc/passwd', 'nowhere'])
    await assert.rejects(get(url), /which is not a URL with https/);
});

test('refuses answers without end, and says why nothing answers', async () => {
  handle = (_, answer) => void answer.end('x'.repeat(300_000));
  await assert.rejects(get(origin), /more than 262144 octets/);
  await assert.rejects(
    get('https://localhost:1/'),
    /https:\/\/localhost:1 cannot be reached: nothing listens there/,
  );
  handle = (request) => void request.socket.destroy();
  await assert.rejects(get(origin), /the connection was interrupted/);
});

test('ends at once when its signal aborts', async () => {
  handle = () => {};
  const control = new AbortController();
  const asked = https.send({ method: 'GET', url: origin }, control.signal);
  control.abort();
  await assert.rejects(asked, { name: 'AbortError' });
});

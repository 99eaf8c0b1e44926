// Our client signs its requests and verifies the answers (RFC 9421) at a gateway, over its own connections.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { Readable } from 'node:stream';
import { after, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { client, SignatureError, sign, trust, verifySignature } from '@gatehouse/client';
import { startServer } from './support/server-under-test.ts';
import { startRecordingUpstream } from './support/upstreams.ts';

const upstream = await startRecordingUpstream();
upstream.on('/signed/zipped', (_request, response) => {
  response.setHeader('content-encoding', 'gzip');
  response.end(gzipSync('zipped text'));
});
upstream.on('/signed/moved', (_request, response) =>
  response.writeHead(302, { location: '/signed/there' }).end(),
);
const server = await startServer({
  upstream: upstream.origin,
  set: [
    `gateway.routes=${JSON.stringify([
      { path: '/signed/*', accept: ['signature'], signResponses: true },
      { path: '/plain/*', access: 'public' },
    ])}`,
  ],
});
const base = client().with(trust({ ca: server.ca }));
after(() => Promise.all([base.close(), server.stop(), upstream.close()]));

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const publicPem = String(publicKey.export({ type: 'spki', format: 'pem' }));
const key = String(privateKey.export({ type: 'pkcs8', format: 'pem' }));
const body = { name: 'robot', publicKey: publicPem, roles: ['user', 'admin'] };
const keyId = String((await server.admin('POST', '/admin/keys/public', body)).id);
const { gateway } = server.running.ready;
const trusting = base.with(verifySignature(), sign({ key, keyId }));

it('signs and verifies, for all kinds of content, in both orders of the middleware', async () => {
  for (const http of [trusting, base.with(sign({ key, keyId }), verifySignature())]) {
    assert.match(await http.get(`${gateway}/signed/a?x=1`).text(), /^reached GET/);
    assert.match(await http.post(`${gateway}/signed/a`, { json: { a: 1 } }).text(), /^reached POST/);
    const body = Readable.from([Buffer.from('one'), Buffer.from('two')]);
    assert.match(await http.put(`${gateway}/signed/a`, { body }).text(), /^reached PUT/);
    assert.equal((await http.head(`${gateway}/signed/a`)).status, 200);
  }
});

it('verifies an encoded answer, and decodes it', async () => {
  assert.equal(await trusting.get(`${gateway}/signed/zipped`).text(), 'zipped text');
});

it('signs each request of a redirect again', async () => {
  assert.match(await trusting.get(`${gateway}/signed/moved`).text(), /\/signed\/there$/);
});

it('refuses the answer of a route that does not sign', async () => {
  await assert.rejects(trusting.get(`${gateway}/plain/x`).text(), (error) => {
    assert.ok(error instanceof SignatureError);
    assert.equal(error.reason, 'signature_missing');
    return true;
  });
});

it('verifies a refusal of the gateway, too', async () => {
  const { status } = await base.with(verifySignature())(`${gateway}/signed/unsigned`);
  assert.equal(status, 401);
});

// A proxy ends TLS in front of the gateway, and changes messages. Signatures (RFC 9421) protect further than
// TLS: the gateway refuses a changed request, and the client a changed answer.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { createServer, request } from 'node:https';
import { buffer } from 'node:stream/consumers';
import { after, it } from 'node:test';
import { client, keysOfSet, SignatureError, sign, trust, verifySignature } from '@gatehouse/client';
import { ask } from './support/https-client.ts';
import { freePorts } from './support/ports.ts';
import { startServer } from './support/server-under-test.ts';
import { createTestAuthority } from './support/test-authority.ts';
import { startRecordingUpstream } from './support/upstreams.ts';

const [proxyPort = 0, gatewayPort = 0] = await freePorts(2);
const origin = `https://localhost:${proxyPort}`;
const upstream = await startRecordingUpstream();
const server = await startServer({
  upstream: upstream.origin,
  set: [
    `gateway.routes=${JSON.stringify([{ path: '/*', accept: ['signature'], signResponses: true }])}`,
    `gateway.url=${origin}`,
    `gateway.listen=127.0.0.1:${gatewayPort}`,
  ],
});
const authority = createTestAuthority();

interface Passed {
  method: string;
  path: string;
  body: Buffer;
}

/** The change by the proxy. */
const interference = {
  request: (passed: Passed): Passed => passed,
  answer: (answer: Answered): Answered => answer,
};

interface Answered {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

const proxy = createServer(authority.issue(), async (incoming, outgoing) => {
  const { method = '', url: path = '', headers } = incoming;
  const passed = interference.request({ method, path, body: await buffer(incoming) });
  const { 'transfer-encoding': _, 'content-length': _length, ...fields } = headers;
  const length = passed.body.length > 0 ? { 'content-length': passed.body.length } : {};
  const to = { host: '127.0.0.1', port: gatewayPort, servername: 'localhost', ca: server.ca };
  const answer = await new Promise<IncomingMessage>((resolve) =>
    request(
      { ...to, method: passed.method, path: passed.path, headers: { ...fields, ...length } },
      resolve,
    ).end(passed.body),
  );
  const { statusCode: status = 0, headers: given } = answer;
  const shown = interference.answer({ status, headers: given, body: await buffer(answer) });
  outgoing.writeHead(shown.status, { ...shown.headers, 'content-length': shown.body.length }).end(shown.body);
}).listen(proxyPort, '127.0.0.1');

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const pem = String(publicKey.export({ type: 'spki', format: 'pem' }));
const added = await server.admin('POST', '/admin/keys/public', {
  name: 'robot',
  publicKey: pem,
  roles: ['admin'],
});
const keySet = await ask({
  ...server,
  port: server.controlPort,
  path: '/.well-known/gatehouse-signature-jwks.json',
});
const base = client().with(trust({ ca: authority.root }));
after(async () => {
  await Promise.all([base.close(), server.stop(), upstream.close()]);
  proxy.close();
  proxy.closeAllConnections();
});
// The proxy could replace the keys that it forwards, so they come another way.
const http = base.with(
  sign({ key: privateKey, keyId: String(added.id) }),
  verifySignature({ keys: keysOfSet(keySet.text()) }),
);

async function post(path: string, body: string): Promise<number> {
  return (await http.post(`${origin}${path}`, { body })).status;
}

it('accepts messages that the proxy does not change', async () => {
  assert.equal(await post('/orders?a=1', 'one'), 200);
  assert.equal(upstream.saw('/orders')[0]?.body.toString(), 'one');
});

const changes: Record<string, Partial<Passed>> = {
  'another method': { method: 'PUT' },
  'another path': { path: '/other?a=1' },
  'another query': { path: '/changed?a=2' },
  'another body': { body: Buffer.from('two') },
  'no body': { body: Buffer.alloc(0) },
};
for (const [what, change] of Object.entries(changes)) {
  it(`the gateway refuses ${what}, and the client that answer, which is to another request than its own`, async (t) => {
    t.after(() => {
      interference.request = (passed) => passed;
    });
    interference.request = (passed) => ({ ...passed, ...change });
    const isSeen = change.body === undefined;
    if (isSeen) await assert.rejects(post('/changed?a=1', 'one'), SignatureError);
    else assert.equal(await post('/changed?a=1', 'one'), 401);
    assert.deepEqual([...upstream.saw('/changed'), ...upstream.saw('/other')], []);
  });
}

it('the client refuses another answer', async (t) => {
  t.after(() => {
    interference.answer = (answer) => answer;
  });
  interference.answer = (answer) => ({ ...answer, body: Buffer.from('forged') });
  await assert.rejects(post('/forged', 'one'), (error) => {
    assert.ok(error instanceof SignatureError);
    assert.equal(error.reason, 'digest_mismatch');
    return true;
  });
});

it('the client refuses an answer that the proxy has stored from an earlier request', async (t) => {
  t.after(() => {
    interference.answer = (answer) => answer;
  });
  const kept: Answered[] = [];
  interference.answer = (answer) => {
    kept.push(answer);
    return kept[0] as Answered;
  };
  assert.equal(await post('/kept', 'one'), 200);
  await assert.rejects(post('/kept', 'one'), (error) => {
    assert.ok(error instanceof SignatureError);
    assert.equal(error.reason, 'signature_invalid');
    return true;
  });
  assert.equal(kept.length, 2);
});

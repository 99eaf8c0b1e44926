// The access log: one line of JSON for every request, with the facts that an operator needs and without
// secrets.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, describe, it } from 'node:test';
import type { Json } from './support/admin-api.ts';
import { eventually } from './support/conditions.ts';
import { ask } from './support/https-client.ts';
import { connectRaw } from './support/raw-client.ts';
import { startServer } from './support/server-under-test.ts';
import { startRecordingUpstream } from './support/upstreams.ts';

const upstream = await startRecordingUpstream();
const server = await startServer({ upstream: upstream.origin });
const { key, id, name } = await server.createKey(['user']);
after(() => Promise.all([server.stop(), upstream.close()]));

function lineFor(path: string): Promise<Json> {
  return eventually(`the line of ${path}`, () => server.accessLog().find((line) => line.path === path));
}

const TLS = { tlsVersion: 'TLSv1.3', tlsGroup: 'X25519MLKEM768' };

describe('the access log', { concurrency: true }, () => {
  it('logs the caller, the route, the decision, the time, the bytes and the TLS parameters', async () => {
    const answer = await ask({
      ...server,
      path: '/allowed?token=secret-in-query',
      headers: { 'x-api-key': key },
    });
    const line = await lineFor('/allowed');
    const { time, durationMs, upstreamMs, tlsCipher, ...rest } = line;
    assert.deepEqual(rest, {
      level: 'info',
      event: 'request',
      requestId: answer.headers['x-request-id'],
      principal: name,
      via: 'apiKey',
      keyId: id,
      method: 'GET',
      path: '/allowed',
      route: '1:/*',
      decision: 'allowed',
      status: 200,
      bytesIn: 0,
      bytesOut: answer.body.length,
      address: '127.0.0.1',
      ...TLS,
    });
    // Bun cannot choose the suites of TLS 1.3.
    assert.match(String(tlsCipher), /^TLS_AES_(128_GCM_SHA256|256_GCM_SHA384)$/);
    assert.match(String(time), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.ok(Number(upstreamMs) > 0 && Number(durationMs) >= Number(upstreamMs));
  });

  it('logs why a request was denied', async () => {
    await ask({ ...server, path: '/denied', method: 'POST', headers: { 'x-api-key': key }, body: 'x' });
    const { decision, reason, status, principal, upstreamMs } = await lineFor('/denied');
    assert.deepEqual(
      { decision, reason, status, principal, upstreamMs },
      {
        decision: 'denied',
        reason: 'no policy permits POST',
        status: 403,
        principal: name,
        upstreamMs: undefined,
      },
    );
  });

  it('logs requests without a valid credential', async () => {
    await ask({ ...server, path: '/anonymous' });
    const { decision, reason, status, principal, via } = await lineFor('/anonymous');
    assert.deepEqual(
      { decision, reason, status, principal, via },
      {
        decision: 'denied',
        reason: 'unauthenticated',
        status: 401,
        principal: null,
        via: null,
      },
    );
  });

  it('has one line for a request that is not HTTP, with the id of its answer', async () => {
    const client = await connectRaw(server);
    client.write('THIS IS NOT HTTP\r\n\r\n');
    const { headers, status } = await client.response();
    assert.equal(status, 400);
    const [id] = headers.get('x-request-id') ?? [];
    const line = await eventually('the line', () =>
      server.accessLog().find(({ requestId }) => requestId === id),
    );
    assert.equal(line.decision, 'refused');
    assert.equal(line.status, 400);
    assert.match(String(line.reason), /^This server supports HTTP/);
    assert.equal(line.tlsVersion, 'TLSv1.3');
    client.destroy();
  });

  it('has one line with the TLS parameters for a client that left during its first request', async () => {
    upstream.on('/left', () => {});
    const client = await connectRaw(server);
    client.write(`GET /left HTTP/1.1\r\nHost: localhost\r\nX-API-Key: ${key}\r\n\r\n`);
    await eventually('the request', () => upstream.saw('/left').length);
    client.destroy();
    const line = await lineFor('/left');
    assert.equal(line.status, 499);
    assert.equal(line.tlsGroup, TLS.tlsGroup);
    assert.equal(server.accessLog().filter(({ path }) => path === '/left').length, 1);
  });

  it('gets no extra lines from control characters in a request', async () => {
    const client = await connectRaw(server);
    const forged = '%0a{"level":"info","forged":true}';
    client.write(
      `GET /forging${forged}${'\\n'}{"forged":true} HTTP/1.1\r\nHost: localhost\r\nX-API-Key: ${key}\r\n\r\n`,
    );
    assert.equal((await client.response()).status, 400);
    client.destroy();
    await eventually('the line', () => server.accessLogText().includes('/forging'));
    assert.ok(!server.accessLog().some(({ forged: value }) => value !== undefined));
  });

  it('counts the bytes of a request', async () => {
    const admin = await server.createKey(['admin']);
    const body = Buffer.alloc(5000);
    await ask({ ...server, path: '/counted', method: 'PUT', headers: { 'x-api-key': admin.key }, body });
    assert.equal((await lineFor('/counted')).bytesIn, 5000);
  });
});

describe('after these requests', () => {
  it('the log contains neither queries nor secrets', () => {
    const text = server.accessLogText();
    for (const secret of [key, key.split('_')[2] ?? '', 'secret-in-query', 'token=']) {
      assert.ok(!text.includes(secret), secret);
    }
    assert.ok(text.includes('/allowed'));
  });
});

it('does not stop a request or a worker when its disk is full', async (t) => {
  if (!existsSync('/dev/full')) {
    t.skip('needs /dev/full (Linux)');
    return;
  }
  const full = await startServer({
    upstream: upstream.origin,
    set: ['log.access=/dev/full', 'log.level=silent'],
  });
  t.after(() => full.stop());
  const { key } = await full.createKey(['admin']);
  for (let round = 0; round < 300; round += 1) {
    const { status } = await ask({
      ...full,
      path: `/full/${'x'.repeat(100)}`,
      headers: { 'x-api-key': key },
    });
    assert.equal(status, 200);
  }
  assert.ok(full.running.gateway.workers().every(({ restarts }) => restarts === 0));
});

// Time limits, slow and vanished clients, revocation and draining, through a whole engine.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { startEngine, talk } from '../support/engine.ts';
import { rawUpstream } from '../support/raw-upstream.ts';

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

function open(port: number, text: string) {
  const socket = connect({ port, host: '127.0.0.1' });
  let answer = '';
  socket.on('error', () => {});
  socket.on('data', (part) => {
    answer += part.toString('latin1');
  });
  socket.write(text);
  const closed = new Promise<string>((resolve) => socket.once('close', () => resolve(answer)));
  return { socket, closed, answer: () => answer };
}

test('slow headers get 408 (RFC 9110 §15.5.9)', async (t) => {
  const { port, records } = await startEngine(t, { upstream: 1, server: { headersSeconds: 0.2 } });
  const client = open(port, 'GET / HTTP/1.1\r\n');
  const drip = setInterval(() => client.socket.write('X-A: b\r\n'), 30);
  t.after(() => clearInterval(drip));
  const begun = performance.now();
  client.socket.on('end', () => client.socket.destroy());
  assert.match(await client.closed, /^HTTP\/1.1 408 /);
  assert.ok(performance.now() - begun < 1000);
  assert.equal(records[0]?.status, 408);
});

test('an idle connection ends, before and after a request', async (t) => {
  const upstream = await rawUpstream(t, (socket) => socket.write(OK));
  const { port } = await startEngine(t, { upstream: upstream.port, server: { idleSeconds: 0.2 } });
  assert.equal(await open(port, '').closed, '');
  assert.match(await open(port, GET).closed, /ok$/);
});

test('a slow body gets 408, and the request to the upstream ends', async (t) => {
  const upstream = await rawUpstream(t, () => {});
  const { port } = await startEngine(t, {
    upstream: upstream.port,
    exchange: { bodySeconds: 0.4, minBodyBytesPerSecond: 1000 },
  });
  const client = open(port, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nx');
  client.socket.on('end', () => client.socket.destroy());
  assert.match(await client.closed, /^HTTP\/1.1 408 .*Connection: close\r\n/s);
  await pause(20);
  assert.ok(upstream.sockets[0]?.readableEnded);
});

test('a body beyond the limit gets 413, with or without Content-Length', async (t) => {
  const upstream = await rawUpstream(t, () => {});
  const { port } = await startEngine(t, { upstream: upstream.port, maxBodyBytes: 10 });
  const head = 'POST / HTTP/1.1\r\nHost: a\r\n';
  assert.match(await talk(port, `${head}Content-Length: 11\r\n\r\n`), /^HTTP\/1.1 413 /);
  const chunked = `${head}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n`;
  assert.match(await talk(port, [chunked, '6\r\n world\r\n']), /^HTTP\/1.1 413 /);
});

test('the rest of a refused body is dropped, up to a limit', async (t) => {
  const { port } = await startEngine(t, { upstream: 1, maxBodyBytes: 10 });
  const client = open(port, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000\r\n\r\n');
  let written = 0;
  const part = Buffer.alloc(1024 * 1024);
  const more = () => {
    if (client.socket.destroyed) return;
    written += part.length;
    client.socket.write(part, (error) => !error && setImmediate(more));
  };
  more();
  assert.match(await client.closed, /^HTTP\/1.1 413 /);
  assert.ok(written < 64 * 1024 * 1024);
});

test('when the client disconnects, the request to the upstream ends, before and during the answer', async (t) => {
  const upstream = await rawUpstream(t, (socket, request) => {
    if (request.startsWith('GET /half')) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf');
  });
  const { port, records } = await startEngine(t, { upstream: upstream.port });
  for (const path of ['/none', '/half']) {
    const client = open(port, `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
    await pause(40);
    client.socket.destroy();
    await pause(40);
  }
  assert.ok(upstream.sockets.every((socket) => socket.readableEnded));
  assert.deepEqual(
    records.map(({ status, reason }) => [status, reason]),
    [
      [499, 'the client closed the connection'],
      [200, 'the client closed the connection'],
    ],
  );
});

test('a client that does not read slows down its upstream, and is closed after the stall time', async (t) => {
  let sent = 0;
  const upstream = await rawUpstream(t, (socket) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n');
    const part = Buffer.alloc(64 * 1024);
    const more = () => {
      if (socket.destroyed) return;
      sent += part.length;
      socket.write(part, (error) => !error && setImmediate(more));
    };
    more();
  });
  const { port, records } = await startEngine(t, {
    upstream: upstream.port,
    exchange: { stallSeconds: 0.5 },
  });
  const client = open(port, GET);
  client.socket.pause();
  await pause(300);
  const early = sent;
  assert.ok(early < 40 * 1024 * 1024);
  for (let tries = 0; tries < 100 && records.length === 0; tries += 1) await pause(50);
  assert.equal(records[0]?.reason, 'the client did not read the answer');
  client.socket.destroy();
});

test('draining lets answers finish, and ends idle connections', async (t) => {
  const arrived = Promise.withResolvers<void>();
  const upstream = await rawUpstream(t, async (socket) => {
    arrived.resolve();
    await pause(100);
    socket.write(OK);
  });
  const { port, engine } = await startEngine(t, { upstream: upstream.port });
  const idle = open(port, '');
  idle.socket.on('end', () => idle.socket.end());
  const busy = open(port, GET);
  busy.socket.on('end', () => busy.socket.end());
  await arrived.promise;
  const begun = performance.now();
  await engine.drain(5);
  assert.ok(performance.now() - begun < 2000);
  assert.match(await busy.closed, /Connection: close\r\n.*ok$/s);
  assert.equal(await idle.closed, '');
});

test('requests that admission no longer allows are ended at once', async (t) => {
  const upstream = await rawUpstream(t, () => {});
  let holds = true;
  const { port, engine, records } = await startEngine(t, {
    upstream: upstream.port,
    admission: { holds: () => holds },
  });
  const client = open(port, GET);
  await pause(40);
  engine.endRevoked();
  assert.equal(records.length, 0);
  holds = false;
  engine.endRevoked();
  assert.equal(await client.closed, '');
  assert.equal(records[0]?.reason, 'the credential was revoked');
});

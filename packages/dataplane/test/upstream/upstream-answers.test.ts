// Answers of upstreams that are unusual, early, truncated or wrong (RFC 9110 §15, RFC 9112 §6, §9).
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { startEngine, talk } from '../support/engine.ts';
import { rawUpstream } from '../support/raw-upstream.ts';

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const get = (path: string, more = '') => `GET ${path} HTTP/1.1\r\nHost: a\r\n${more}\r\n`;
const LAST = 'Connection: close\r\n';

test('an unsolicited 100 is ignored, a 103 passes (RFC 9110 §15.2)', async (t) => {
  const upstream = await rawUpstream(t, (socket) => {
    const hints = 'HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n';
    socket.write(`HTTP/1.1 100 Continue\r\n\r\n${hints}HTTP/1.1 100 Continue\r\n\r\n${OK}`);
  });
  const { port } = await startEngine(t, { upstream: upstream.port });
  const answer = await talk(port, get('/', LAST));
  assert.match(
    answer,
    /^HTTP\/1.1 103 Early Hints\r\nLink: [^\r]*\r\nX-Request-Id: [^\r]*\r\n\r\nHTTP\/1.1 200 OK/,
  );
  assert.doesNotMatch(answer, /100 Continue/);
});

test('at most 16 interim answers pass, and none to HTTP/1.0', async (t) => {
  const upstream = await rawUpstream(t, (socket) => {
    socket.write(`${'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(20)}${OK}`);
  });
  const { port } = await startEngine(t, { upstream: upstream.port });
  assert.equal((await talk(port, get('/', LAST))).match(/103 Early/g)?.length, 16);
  assert.match(await talk(port, 'GET / HTTP/1.0\r\n\r\n'), /^HTTP\/1.1 200 OK/);
});

test('a connection is reused, but not after octets without a request', async (t) => {
  const upstream = await rawUpstream(t, (socket, request) => {
    socket.write(request.startsWith('GET /extra') ? `${OK}HTTP/1.1 200 OK\r\n\r\n` : OK);
  });
  const { port } = await startEngine(t, { upstream: upstream.port });
  await talk(port, `${get('/1')}${get('/2')}${get('/extra')}${get('/3', LAST)}`);
  assert.equal(upstream.sockets.length, 2);
  assert.match(upstream.received[1] ?? '', /^GET \/3 /);
});

test('an idle connection that receives octets is closed', async (t) => {
  const upstream = await rawUpstream(t, (socket) => {
    socket.write(OK);
    setTimeout(() => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil'), 20);
  });
  const { port } = await startEngine(t, { upstream: upstream.port });
  await talk(port, get('/1', LAST));
  await pause(60);
  const answer = await talk(port, get('/2', LAST));
  assert.match(answer, /ok$/);
  assert.equal(upstream.sockets.length, 2);
});

test('if an idle connection closes, a safe request is sent once more, but no other request (RFC 9110 §9.2.2)', async (t) => {
  const upstream = await rawUpstream(t, (socket, request, connection) => {
    // The first request on a connection is answered. The second finds the connection closing.
    if (/^(?:GET|POST) \/first/.test(request) || connection > 0) socket.write(OK);
    else socket.destroy();
  });
  const { port } = await startEngine(t, { upstream: upstream.port });
  assert.match(await talk(port, `${get('/first')}${get('/second', LAST)}`), /ok.*200 OK.*ok$/s);
  assert.match(upstream.received[1] ?? '', /^GET \/second/);
});

test('a request that may have had an effect is not sent again', async (t) => {
  const upstream = await rawUpstream(t, (socket, request) => {
    if (request.startsWith('GET')) socket.write(OK);
    else socket.destroy();
  });
  const { port } = await startEngine(t, { upstream: upstream.port });
  const post = `POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n${LAST}\r\n`;
  assert.match(await talk(port, `${get('/first')}${post}`), /ok.*HTTP\/1.1 502 /s);
  assert.equal(upstream.sockets.length, 1);
});

test('a truncated answer is also truncated for the client (RFC 9112 §8)', async (t) => {
  const upstream = await rawUpstream(t, (socket) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf');
    setTimeout(() => socket.destroy(), 20);
  });
  const { port, records } = await startEngine(t, { upstream: upstream.port });
  const answer = await talk(port, get('/')).catch(() => '');
  assert.doesNotMatch(answer, /502/);
  await pause(20);
  assert.equal(records[0]?.status, 200);
  assert.match(records[0]?.reason ?? '', /^upstream_failed/);
});

test('an answer without a length ends with its connection and passes in chunks', async (t) => {
  const upstream = await rawUpstream(t, (socket) => socket.end('HTTP/1.0 200 OK\r\n\r\nuntil the end'));
  const { port } = await startEngine(t, { upstream: upstream.port });
  assert.match(
    await talk(port, get('/', LAST)),
    /Transfer-Encoding: chunked\r\n.*d\r\nuntil the end\r\n0\r\n\r\n$/s,
  );
});

test('an ambiguous answer is a 502', async (t) => {
  const upstream = await rawUpstream(t, (socket) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n');
  });
  const { port } = await startEngine(t, { upstream: upstream.port });
  assert.match(await talk(port, get('/', LAST)), /^HTTP\/1.1 502 /);
});

test('an answer before the end of the upload is passed on, and the rest of the upload is dropped', async (t) => {
  const upstream = await rawUpstream(t, (socket) => {
    socket.end('HTTP/1.1 413 Content Too Large\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbig!');
    socket.pause();
    setTimeout(() => socket.destroy(), 50);
  });
  const { port, records } = await startEngine(t, { upstream: upstream.port });
  const answer = await new Promise<string>((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' });
    let text = '';
    socket.on('data', (part) => {
      text += part;
    });
    socket.on('end', () => resolve(text));
    socket.on('error', reject);
    socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 8000000\r\n\r\n');
    for (let sent = 0; sent < 8; sent += 1) socket.write(Buffer.alloc(1_000_000));
  });
  assert.match(answer, /^HTTP\/1.1 413 Content Too Large\r\n.*Connection: close\r\n.*big!$/s);
  assert.equal(records[0]?.status, 413);
});

test('an upstream that does not answer in time is a 504, and its connection is closed', async (t) => {
  const upstream = await rawUpstream(t, () => {});
  const { port } = await startEngine(t, { upstream: upstream.port, upstreams: { firstByteSeconds: 0.2 } });
  assert.match(await talk(port, get('/', LAST)), /^HTTP\/1.1 504 /);
  await pause(20);
  assert.ok(upstream.sockets[0]?.destroyed || upstream.sockets[0]?.readableEnded);
});

test('an upstream that stops within its answer is closed after the stall time', async (t) => {
  const upstream = await rawUpstream(t, (socket) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf');
  });
  const { port, records } = await startEngine(t, {
    upstream: upstream.port,
    upstreams: { stallSeconds: 0.2 },
  });
  await talk(port, get('/')).catch(() => '');
  await pause(20);
  assert.match(records[0]?.reason ?? '', /^upstream_timeout/);
});

test('if all connections are in use, requests wait for one', async (t) => {
  let open = 0;
  let most = 0;
  const upstream = await rawUpstream(t, async (socket) => {
    open += 1;
    most = Math.max(most, open);
    await pause(20);
    open -= 1;
    socket.write(OK);
  });
  const { port } = await startEngine(t, { upstream: upstream.port, upstreams: { maxConnections: 2 } });
  const answers = await Promise.all([1, 2, 3, 4, 5].map((number) => talk(port, get(`/${number}`, LAST))));
  for (const answer of answers) assert.match(answer, /ok$/);
  assert.equal(most, 2);
  assert.equal(upstream.sockets.length, 2);
});

test('a request that waits too long for a connection is a 504, and one more than may wait a 502', async (t) => {
  const { promise: isTaken, resolve: take } = Promise.withResolvers<void>();
  const upstream = await rawUpstream(t, () => take());
  const { port } = await startEngine(t, {
    upstream: upstream.port,
    connectSeconds: 1,
    upstreams: { maxConnections: 1, maxWaiting: 1, firstByteSeconds: 2 },
  });
  const slow = talk(port, get('/slow', LAST));
  await isTaken;
  const answers = await Promise.all(['/second', '/third'].map((path) => talk(port, get(path, LAST))));
  assert.deepEqual(answers.map((answer) => answer.slice(0, 'HTTP/1.1 504'.length)).sort(), [
    'HTTP/1.1 502',
    'HTTP/1.1 504',
  ]);
  await slow;
});

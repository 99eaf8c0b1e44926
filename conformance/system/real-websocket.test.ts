// The gateway between a WebSocket server and client of others, npm's ws (RFC 6455): only authenticated
// clients reach the upstream, messages arrive unchanged, and each side notices when the other ends.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { WebSocket, WebSocketServer } from 'ws';
import { eventually } from '../support/conditions.ts';
import type { Up } from '../support/gatehouse-command.ts';
import { peakMemoryBytes, up } from '../support/gatehouse-command.ts';

const MAX_RESIDENT_BYTES = 300 * 1024 * 1024;

test('a WebSocket server of npm’s ws behind the gateway, its client before it (RFC 6455)', async (t) => {
  const http = createServer();
  let connections = 0;
  http.on('connection', () => {
    connections += 1;
  });
  const upstream = new WebSocketServer({ server: http, perMessageDeflate: true });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  upstream.on('connection', (socket) => {
    socket.on('message', (message, isBinary) => socket.send(message, { binary: isBinary }));
    socket.on('close', (code, reason) => upstream.emit('left', code, reason.toString()));
  });
  t.after(() => {
    for (const socket of upstream.clients) socket.terminate();
    http.close();
  });
  const { port } = http.address() as AddressInfo;
  const server = await up({ upstream: `http://127.0.0.1:${port}` });
  t.after(server.stop);
  const key = await server.key('user');
  const open = (headers: Record<string, string>) =>
    new WebSocket(`wss://localhost:${server.port}/echo`, { ca: server.ca, headers });

  await t.test('without a key it is refused with 401 before anything reaches the upstream', async () => {
    assert.equal(await refusal(open({})), 401);
    assert.equal(await refusal(open({ 'X-API-Key': `${key}x` })), 401);
    assert.equal(connections, 0);
  });

  await t.test('binary messages of 1 MB come back unchanged', async () => {
    const socket = await opened(open({ 'X-API-Key': key }));
    const sent = Array.from({ length: 5 }, () => randomBytes(1024 * 1024));
    const echoed = await echo(socket, sent);
    assert.ok(sent.every((message, index) => echoed[index]?.equals(message)));
    socket.terminate();
  });

  await t.test('1,000 small messages come back in order', async () => {
    const socket = await opened(open({ 'X-API-Key': key }));
    const sent = Array.from({ length: 1000 }, (_, index) => Buffer.from(`message ${index} 👏`));
    assert.deepEqual(await echo(socket, sent), sent);
    socket.terminate();
  });

  await t.test('the closing handshake reaches the other side, in both directions (§7.4)', async () => {
    const leaving = await opened(open({ 'X-API-Key': key }));
    const left = new Promise((resolve) => upstream.once('left', (...close) => resolve(close)));
    leaving.close(4001, 'done');
    assert.deepEqual(await left, [4001, 'done']);

    const staying = await opened(open({ 'X-API-Key': key }));
    const closed = new Promise((resolve) => {
      staying.once('close', (code, reason) => resolve([code, reason.toString()]));
    });
    for (const socket of upstream.clients) socket.close(1001, 'going away');
    assert.deepEqual(await closed, [1001, 'going away']);
  });

  await t.test('an end without a closing handshake reaches the other side', async () => {
    const socket = await opened(open({ 'X-API-Key': key }));
    const [peer] = upstream.clients;
    assert.ok(peer);
    socket.terminate();
    await eventually('the upstream to notice', () => peer.readyState === WebSocket.CLOSED);
  });

  await t.test('memory stays under 300 MB', (t) => staysBounded(t, server));
});

function staysBounded(t: TestContext, server: Up): void {
  const peakBytes = peakMemoryBytes(server);
  if (peakBytes === undefined) t.skip('needs /proc (Linux)');
  else assert.ok(peakBytes < MAX_RESIDENT_BYTES, `the gateway's memory peaked at ${peakBytes} bytes`);
}

function opened(socket: WebSocket): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve(socket));
    socket.once('error', reject);
  });
}

function refusal(socket: WebSocket): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    socket.once('open', () => reject(new Error('it was let in')));
    socket.once('unexpected-response', (_, answer) => {
      resolve(answer.statusCode);
      answer.destroy();
    });
    socket.once('error', reject);
  });
}

function echo(socket: WebSocket, messages: readonly Buffer[]): Promise<Buffer[]> {
  return new Promise((resolve, reject) => {
    const echoed: Buffer[] = [];
    socket.on('message', (message: Buffer) => {
      echoed.push(message);
      if (echoed.length === messages.length) resolve(echoed);
    });
    socket.once('error', reject);
    for (const message of messages) socket.send(message);
  });
}

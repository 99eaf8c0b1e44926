// WebSockets through a whole engine (RFC 6455 §4; RFC 9110 §15.2.2).
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { startEngine, talk } from '../support/engine.ts';
import { rawUpstream } from '../support/raw-upstream.ts';

const HANDSHAKE = [
  'GET /socket HTTP/1.1',
  'Host: a',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  '\r\n',
].join('\r\n');
const ACCEPTED = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';

interface Peer {
  socket: Socket;
  text(): string;
  closed: Promise<void>;
}

function peer(port: number): Peer {
  const socket = connect({ port, host: '127.0.0.1' });
  let text = '';
  socket.on('error', () => {});
  socket.on('data', (part) => {
    text += part.toString('latin1');
  });
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  return { socket, text: () => text, closed };
}

test('octets pass in both directions after a 101, also those that came with it', async (t) => {
  const upstream = await rawUpstream(t, (socket) => {
    socket.write(`${ACCEPTED}early from upstream.`);
    socket.on('data', (part) => socket.write(`<${part}>`));
  });
  const { port, records } = await startEngine(t, { upstream: upstream.port });
  const client = peer(port);
  client.socket.write(`${HANDSHAKE}early from client.`);
  await pause(60);
  client.socket.write('later');
  await pause(40);
  assert.match(client.text(), /^HTTP\/1.1 101 Switching Protocols\r\n/);
  assert.match(client.text(), /Connection: Upgrade\r\nUpgrade: websocket\r\n/);
  // The grouping of the parts is not defined.
  assert.match(client.text().replaceAll('><', ''), /early from upstream\.<early from client\.later>$/);
  assert.match(upstream.received[0] ?? '', /Connection: Upgrade\r\n.*early from client\.later$/s);
  assert.equal(records.length, 0);
  client.socket.end();
  await pause(40);
  upstream.sockets[0]?.end();
  await client.closed;
  assert.equal(records[0]?.status, 101);
  assert.equal(records[0]?.bytesIn, 'early from client.later'.length);
});

test('a tunnel ends when either side is closed', async (t) => {
  const upstream = await rawUpstream(t, (socket) => socket.write(ACCEPTED));
  const { port, records } = await startEngine(t, { upstream: upstream.port });
  const first = peer(port);
  first.socket.write(HANDSHAKE);
  await pause(40);
  upstream.sockets[0]?.destroy();
  await pause(20);
  first.socket.end();
  await first.closed;
  const second = peer(port);
  second.socket.write(HANDSHAKE);
  await pause(40);
  second.socket.resetAndDestroy();
  await pause(40);
  assert.equal(upstream.sockets[1]?.readableEnded, true);
  assert.deepEqual(
    records.map(({ status }) => status),
    [101, 101],
  );
});

test('a silent tunnel ends after the stall time', async (t) => {
  const upstream = await rawUpstream(t, (socket) => socket.write(ACCEPTED));
  const { port } = await startEngine(t, { upstream: upstream.port, exchange: { stallSeconds: 0.2 } });
  const client = peer(port);
  client.socket.write(HANDSHAKE);
  await client.closed;
  assert.match(client.text(), /^HTTP\/1.1 101 /);
});

test('an upstream may decline: its answer passes, and the connection ends', async (t) => {
  const upstream = await rawUpstream(t, (socket) => {
    socket.write('HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno');
  });
  const { port } = await startEngine(t, { upstream: upstream.port });
  const answer = await talk(port, HANDSHAKE);
  assert.match(answer, /^HTTP\/1.1 403 Forbidden\r\n.*Connection: close\r\n.*no$/s);
});

test('a 101 that does not upgrade to a WebSocket, or comes without a request, is a 502', async (t) => {
  const upstream = await rawUpstream(t, (socket) => socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\n'));
  const { port } = await startEngine(t, { upstream: upstream.port });
  assert.match(await talk(port, HANDSHAKE), /^HTTP\/1.1 502 /);
  assert.match(await talk(port, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'), /^HTTP\/1.1 502 /);
});

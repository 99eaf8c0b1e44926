// The order in which a connection's requests are served (RFC 9112 §9.3.2), and how it ends (§9.6).
import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Duplex } from 'node:stream';
import { test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import type { Turn } from '../../src/gateway/connection.ts';
import { createConnections } from '../../src/gateway/connection.ts';

function connection() {
  const socket = new Duplex({
    read() {},
    write: (_chunk, _encoding, done) => done(),
  }) as unknown as TLSSocket;
  socket.getProtocol = () => null;
  socket.getCipher = () => null as never;
  socket.getSession = () => undefined;
  socket.getPeerX509Certificate = () => undefined;
  const connections = createConnections();
  return { socket, connections, connection: connections.of(socket) };
}

function turns() {
  const served: number[] = [];
  const responses: EventEmitter[] = [];
  const turn = (number: number): Turn => {
    const response = new EventEmitter();
    responses[number] = response;
    return {
      request: { complete: true } as IncomingMessage,
      response: response as ServerResponse,
      serve: () => void served.push(number),
      breakOff() {},
    };
  };
  return { served, turn, answer: (number: number) => responses[number]?.emit('close') };
}

test('a request is served when all before it are answered', () => {
  const { connection: line } = connection();
  const { served, turn, answer } = turns();
  for (const number of [0, 1, 2]) line.take(turn(number));
  assert.deepEqual(served, [0]);
  answer(0);
  assert.deepEqual(served, [0, 1]);
  answer(1);
  answer(2);
  line.take(turn(3));
  assert.deepEqual(served, [0, 1, 2, 3]);
});

test('reads nothing more from a client that pipelines, until its last request is being served', () => {
  const { socket, connection: line } = connection();
  const { turn, answer } = turns();
  socket.resume();
  line.take(turn(0));
  assert.equal(socket.isPaused(), false);
  line.take(turn(1));
  line.take(turn(2));
  assert.equal(socket.isPaused(), true);
  answer(0);
  assert.equal(socket.isPaused(), true);
  answer(1);
  assert.equal(socket.isPaused(), false);
});

test('a client is cut off that sends more than 100 requests after one that is not answered', () => {
  const { socket, connection: line } = connection();
  const { turn } = turns();
  for (let number = 0; number <= 100; number += 1) line.take(turn(number));
  assert.equal(socket.destroyed, false);
  line.take(turn(101));
  assert.equal(socket.destroyed, true);
});

test('a client is cut off that sends more than 100 requests after the end of its connection', () => {
  const { socket, connection: line } = connection();
  const { served, turn } = turns();
  line.take(turn(0));
  line.endWith(() => {});
  for (let number = 1; number <= 100; number += 1) line.take(turn(number));
  assert.equal(socket.destroyed, false);
  line.take(turn(101));
  assert.equal(socket.destroyed, true);
  assert.deepEqual(served, [0]);
});

test('the latest request is the last one that came', () => {
  const { connection: line } = connection();
  const { turn, answer } = turns();
  assert.equal(line.youngest(), undefined);
  const [first, second] = [turn(0), turn(1)];
  line.take(first);
  assert.equal(line.youngest(), first);
  line.take(second);
  assert.equal(line.youngest(), second);
  answer(0);
  answer(1);
  assert.equal(line.youngest(), undefined);
});

test('the last answer waits for those before it, and no request is accepted after it', () => {
  const { connection: line } = connection();
  const { served, turn, answer } = turns();
  let ended = false;
  line.take(turn(0));
  line.take(turn(1));
  line.endWith(() => {
    ended = true;
  });
  line.take(turn(2));
  assert.equal(line.ending(), true);
  answer(0);
  assert.equal(ended, false);
  answer(1);
  assert.equal(ended, true);
  assert.deepEqual(served, [0, 1]);
});

test('when Node closes after an answer, waiting requests are dropped, and our side ends before the connection is cut', () => {
  const { socket, connection: line } = connection();
  const { served, turn, answer } = turns();
  line.take(turn(0));
  line.take(turn(1));
  socket.destroySoon();
  answer(0);
  assert.deepEqual(served, [0]);
  assert.equal(line.ending(), true);
  assert.equal(socket.writableEnded, true);
  assert.equal(socket.destroyed, false);
  socket.destroy();
});

test('serves nothing to a client that has left', () => {
  const { socket, connection: line } = connection();
  const { served, turn, answer } = turns();
  line.take(turn(0));
  line.take(turn(1));
  socket.destroy();
  answer(0);
  assert.deepEqual(served, [0]);
});

test('connections are known while they are open, and can be cut', async () => {
  const { socket, connections, connection: line } = connection();
  assert.deepEqual([...connections.open()], [line]);
  const closed = once(socket, 'close');
  line.cut();
  await closed;
  assert.deepEqual([...connections.open()], []);
  connections.of(socket);
  assert.deepEqual([...connections.open()], [], 'one that has ended is not open again');
});

test('a socket has one connection', () => {
  const { socket, connections, connection: line } = connection();
  assert.equal(connections.of(socket), line);
  assert.notEqual(connections.of(connection().socket), line);
});

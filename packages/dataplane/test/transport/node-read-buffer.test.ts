// The shared buffer of the sockets of a TLS server: this Node must have what it stands on.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { Socket } from 'node:net';
import { test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { connect, createServer } from 'node:tls';
import { createReadBuffer } from '../../src/transport/node-read-buffer.ts';
import { createTestAuthority } from '../support/certificates.ts';

test('octets of all sockets come in the same memory, and their end as usual', async (t) => {
  const memory = new Set<unknown>();
  const texts: string[] = [];
  const shareBuffer = createReadBuffer((_socket, octets) => {
    memory.add(octets.buffer);
    texts.push(Buffer.from(octets).toString());
  });
  const authority = createTestAuthority();
  const server = createServer(authority.server(), (socket: TLSSocket) => {
    shareBuffer(socket);
    socket.on('data', () => assert.fail('the socket has allocated memory')).on('end', () => socket.end());
  });
  t.after(() => server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  for (const text of ['one', 'two']) {
    const client = connect({ host: '127.0.0.1', port, ca: authority.root });
    client.resume().end(text);
    await once(client, 'end');
  }
  assert.deepEqual(texts, ['one', 'two']);
  assert.equal(memory.size, 1);
});

test('a socket without what it stands on is left as it is', () => {
  const socket = new Socket();
  createReadBuffer(() => assert.fail('nothing was read'))(socket);
  assert.equal(socket.listenerCount('data'), 0);
});

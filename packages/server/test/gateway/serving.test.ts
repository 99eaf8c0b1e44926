// What becomes of requests whose clients leave early: nothing goes upstream for nobody, and each still has its line in the log.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import type { Connection } from '../../src/gateway/connection.ts';
import type { Route } from '../../src/gateway/route-table.ts';
import type { ServingDeps } from '../../src/gateway/serving.ts';
import { createServing } from '../../src/gateway/serving.ts';
import type { GatewaySettings } from '../../src/gateway/settings.ts';

const HANDSHAKE = {
  url: '/ws',
  method: 'GET',
  httpVersion: '1.1',
  headers: { host: 'localhost' },
  rawHeaders: ['Host', 'localhost'],
} as unknown as IncomingMessage;
const SETTINGS = { maxHeaders: 100, timeouts: { firstByte: 1, stall: 1 } } as GatewaySettings;

test('a client that leaves while its handshake is admitted has its line in the log, and opens no tunnel', async (t) => {
  let tunnels = 0;
  const upstream = createServer((socket) => {
    tunnels += 1;
    socket.destroy();
  }).listen(0, '127.0.0.1');
  t.after(() => upstream.close());
  await once(upstream, 'listening');
  const { port } = upstream.address() as AddressInfo;
  const admitted = Promise.withResolvers<Route>();
  const statuses: number[] = [];
  const deps = {
    connections: () => ({ address: '127.0.0.1', tls: {} }) as Connection,
    admission: { admit: () => admitted.promise },
    accessLog: { write: (_exchange: unknown, status: number) => void statuses.push(status) },
    snapshot: () => ({ authenticator: {} }),
  } as unknown as ServingDeps;
  const client = new PassThrough();
  const served = createServing(deps, SETTINGS).upgrade(HANDSHAKE, client, Buffer.alloc(0));
  client.destroy();
  await once(client, 'close');
  admitted.resolve({ upstream: `http://127.0.0.1:${port}` } as Route);
  await served;
  assert.deepEqual(statuses, [499]);
  assert.equal(tunnels, 0);
});

// Requests whose clients leave early: none of them goes to the upstream, and each has its line in the log.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import type { GatewayRoute } from '@gatehouse/access';
import type { Connection } from '../../src/gateway/connection.ts';
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

test('a client that leaves during the admission of its handshake has its line in the log, and opens no tunnel', async (t) => {
  let tunnels = 0;
  const upstream = createServer((socket) => {
    tunnels += 1;
    socket.destroy();
  }).listen(0, '127.0.0.1');
  t.after(() => upstream.close());
  await once(upstream, 'listening');
  const { port } = upstream.address() as AddressInfo;
  const admitted = Promise.withResolvers<GatewayRoute>();
  const statuses: number[] = [];
  const snapshot = { waysIn: { challenge: () => 'Bearer' } };
  const deps = {
    connections: { of: () => ({ address: '127.0.0.1', tls: {} }) as Connection, open: () => [] },
    admission: { admit: () => admitted.promise },
    accessLog: { write: (_exchange: unknown, status: number) => void statuses.push(status) },
    snapshot: () => snapshot,
  } as unknown as ServingDeps;
  const client = new PassThrough();
  const served = createServing(deps, SETTINGS).upgrade(HANDSHAKE, client, Buffer.alloc(0));
  client.destroy();
  await once(client, 'close');
  admitted.resolve({ upstream: `http://127.0.0.1:${port}` } as GatewayRoute);
  await served;
  assert.deepEqual(statuses, [499]);
  assert.equal(tunnels, 0);
});

test('a credential that is revoked during the admission of its request is refused', async () => {
  const admitted = Promise.withResolvers<GatewayRoute>();
  const statuses: number[] = [];
  let snapshot = { waysIn: { challenge: () => 'Bearer' } };
  const deps = {
    connections: { of: () => ({ address: '127.0.0.1', tls: {} }) as Connection, open: () => [] },
    admission: {
      admit: () => admitted.promise,
      holds: (_exchange: unknown, now: unknown) => now !== snapshot,
    },
    accessLog: { write: (_exchange: unknown, status: number) => void statuses.push(status) },
    log: { warn() {} },
    snapshot: () => snapshot,
  } as unknown as ServingDeps;
  const client = new PassThrough();
  const served = createServing(deps, SETTINGS).upgrade(HANDSHAKE, client, Buffer.alloc(0));
  snapshot = { waysIn: { challenge: () => 'Bearer' } };
  admitted.resolve({ upstream: 'http://127.0.0.1:9' } as GatewayRoute);
  await served;
  assert.deepEqual(statuses, [401]);
  client.end();
  assert.match(await text(client), /^HTTP\/1\.1 401 .*"code":"credential_invalid"/s);
});

// Documents are fetched only from checked addresses, and with time limits.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { createDestinations } from '../../../src/oauth/client-document/destinations.ts';
import { createFetchJson } from '../../../src/oauth/client-document/fetch-json.ts';

/** A server that accepts connections, and never answers. */
async function startSilent(t: { after(act: () => void): void }) {
  let connections = 0;
  const server = createServer(() => {
    connections += 1;
  }).listen(0, '127.0.0.1');
  t.after(() => void server.close());
  server.on('connection', (socket) => t.after(() => socket.destroy()));
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { port, connections: () => connections };
}

test('does not connect to an address that is not public, by number or by name', async (t) => {
  const { port, connections } = await startSilent(t);
  const fetchJson = createFetchJson({ destinations: createDestinations([]) });
  for (const host of ['127.0.0.1', 'localhost', '[::1]', '[::ffff:127.0.0.1]', '2130706433', '0x7f.1']) {
    const url = new URL(`https://${host}:${port}/x.json`);
    await assert.rejects(fetchJson(url), /no public address|has no address/, host);
  }
  assert.equal(connections(), 0);
});

test('a name that resolves to another address the second time does not change the connection (DNS rebinding)', async (t) => {
  const { port, connections } = await startSilent(t);
  let asked = 0;
  const destinations = createDestinations(['127.0.0.1'], async () => {
    asked += 1;
    return [{ address: '127.0.0.1', family: 4 }];
  });
  const fetchJson = createFetchJson({ destinations, timeoutMs: 200 });
  await assert.rejects(fetchJson(new URL(`https://app.example:${port}/x.json`)), /not answer in time/);
  assert.deepEqual([asked, connections()], [1, 1]);
});

test('only https is fetched', async () => {
  const fetchJson = createFetchJson({ destinations: createDestinations([]) });
  await assert.rejects(fetchJson(new URL('http://app.example/x.json')), /https/);
});

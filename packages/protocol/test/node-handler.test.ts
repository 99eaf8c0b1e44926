import assert from 'node:assert/strict';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { test } from 'node:test';
import {
  createEncryptedEndpoint,
  createEncryptedHandler,
  type EncryptedEndpointOptions,
  exportX25519PublicKey,
  generateX25519KeyPair,
} from '../src/index.ts';
import type { Offered } from './support/encrypted-client.ts';

test('answers requests of node:http in the same way as those of the Fetch standard', async (t) => {
  const url = await serve(t, {});
  const offered = await fetch(url);
  const { client_id, pub } = (await offered.json()) as Offered;
  assert.equal(offered.headers.get('cache-control'), 'no-store');
  assert.match(pub, /^-----BEGIN PUBLIC KEY-----\n/);
  const { publicKey } = await generateX25519KeyPair();
  const body = JSON.stringify({ pub_key: exportX25519PublicKey(publicKey), uid: 1, client_id });
  const exchanged = await fetch(url, { method: 'POST', body });
  assert.equal(await exchanged.text(), '{"message": "Shared secret successfully calculated"}');
  const other = await fetch(url, { method: 'DELETE' });
  assert.deepEqual([other.status, other.headers.get('allow')], [405, 'GET, POST']);
});

test('refuses a body over the limit before it has arrived, and closes the connection', async (t) => {
  const url = await serve(t, { maxBodyBytes: 100 });
  const call = request(url, { method: 'POST', headers: { 'content-length': 1_000_000 } });
  call.on('error', () => {});
  call.write('x'.repeat(10));
  const { promise, resolve } = Promise.withResolvers<{ status: number | undefined; connection: unknown }>();
  call.on('response', ({ statusCode, headers }) =>
    resolve({ status: statusCode, connection: headers.connection }),
  );
  assert.deepEqual(await promise, { status: 413, connection: 'close' });
  call.destroy();
});

test('refuses a client that disconnects within its body, and continues to serve', async (t) => {
  const failed = Promise.withResolvers<string>();
  const url = await serve(t, { onFailure: ({ reason }) => failed.resolve(reason) });
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.write('POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{"client_id"', () =>
    socket.destroy(),
  );
  assert.equal(await failed.promise, 'body_incomplete');
  assert.equal((await fetch(url)).status, 200);
});

test('limits count for the address of the connection', async (t) => {
  const url = await serve(t, { maxExchanges: 10, maxExchangesPerAddress: 2 });
  const statuses: number[] = [];
  for (let index = 0; index < 3; index += 1) {
    const { client_id } = (await (await fetch(url)).json()) as Offered;
    const { publicKey } = await generateX25519KeyPair();
    const body = JSON.stringify({ pub_key: exportX25519PublicKey(publicKey), client_id });
    statuses.push((await fetch(url, { method: 'POST', body })).status);
  }
  assert.deepEqual(statuses, [200, 200, 429]);
});

async function serve(
  t: { after(act: () => void): void },
  options: EncryptedEndpointOptions,
): Promise<string> {
  const handle = createEncryptedHandler(createEncryptedEndpoint(options));
  const server = createServer((incoming, response) => void handle(incoming, response));
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

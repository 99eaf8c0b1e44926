import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:net';
import { createServer as createNetServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { ClientError } from '@gatehouse/client/errors';
import { createSocketClient } from '../../src/connection/socket-client.ts';
import { temporaryFolder } from '../fake-admin.ts';

const URL_OF_TEST = new URL('http://localhost/admin/keys?limit=2');
const IDLE_SECONDS = 10;

/** A client of `server`, which listens on its own socket. */
async function clientOf(t: TestContext, server: Server, idleSeconds = IDLE_SECONDS) {
  const path = join(temporaryFolder(t), 'a.sock');
  server.listen(path);
  await once(server, 'listening');
  const client = createSocketClient(path, idleSeconds);
  t.after(async () => {
    await client.close();
    server.close();
  });
  return client;
}

/**
 * A server that sends this to each connection after it has received something, and then ends the connection.
 */
const saying = (words: string) =>
  createNetServer((socket) => socket.once('data', () => socket.end(words)).on('error', () => {}));

const failsWith = (code: string) => (error: unknown) => error instanceof ClientError && error.code === code;

test('sends method, path, fields and body, and returns status and octets of the answer', async (t) => {
  const server = createServer(async (request, response) => {
    const { method, url, headers } = request;
    response.writeHead(201).end(JSON.stringify([method, url, headers.accept, await text(request)]));
  });
  const client = await clientOf(t, server);
  const init = { method: 'POST', headers: { accept: 'application/json' }, body: '{"name":"a"}' };
  const { status, body } = await client.request(URL_OF_TEST, init);
  assert.equal(status, 201);
  assert.deepEqual(JSON.parse(await text(body)), [
    'POST',
    '/admin/keys?limit=2',
    'application/json',
    '{"name":"a"}',
  ]);
});

test('fails with connect, and the cause, when nothing listens', async (t) => {
  const client = createSocketClient(join(temporaryFolder(t), 'none.sock'), IDLE_SECONDS);
  await assert.rejects(
    client.request(URL_OF_TEST),
    (error) => failsWith('connect')(error) && ((error as Error).cause as { code: string }).code === 'ENOENT',
  );
});

test('fails with disconnected if the connection ends before or during the answer', async (t) => {
  const silent = await clientOf(t, saying(''));
  await assert.rejects(silent.request(URL_OF_TEST), failsWith('disconnected'));
  const partial = await clientOf(t, saying('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf'));
  const { body } = await partial.request(URL_OF_TEST);
  await assert.rejects(text(body), failsWith('disconnected'));
});

test('fails with protocol when the answer is not HTTP', async (t) => {
  const client = await clientOf(t, saying('hello\r\n\r\n'));
  await assert.rejects(client.request(URL_OF_TEST), failsWith('protocol'));
});

test('fails with timeout if the server is silent before or during the answer', async (t) => {
  const server = createServer((request, response) => {
    if (request.method === 'POST') response.writeHead(200).write('half');
  });
  const client = await clientOf(t, server, 0.05);
  await assert.rejects(client.request(URL_OF_TEST), failsWith('timeout'));
  const { body } = await client.request(URL_OF_TEST, { method: 'POST' });
  await assert.rejects(text(body), failsWith('timeout'));
});

test('close ends calls that still run', async (t) => {
  const server = createServer(() => void client.close());
  const client = await clientOf(t, server);
  await assert.rejects(client.request(URL_OF_TEST), failsWith('disconnected'));
});

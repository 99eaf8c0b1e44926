import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { Agent, get, request } from 'node:http';
import { connect } from 'node:net';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { serveSamples } from '../src/index.ts';
import { postNote, put, servedSamples } from './support/samples-under-test.ts';

async function untilTrue(condition: () => boolean): Promise<void> {
  for (let attempt = 0; attempt < 100 && !condition(); attempt += 1) await delay(20);
  assert.ok(condition());
}

test('serves on the given port, and returns its URL', async (t) => {
  const { url } = await servedSamples(t);
  assert.match(url, /^http:\/\/127\.0\.0\.1:\d+$/);
  const response = await fetch(url);
  assert.match(await response.text(), /^\{"message": "The current time is /);
  assert.equal(response.headers.get('content-length'), '59');
});

test('rejects with Node’s error when the port is taken', async (t) => {
  const { url, folder } = await servedSamples(t);
  await assert.rejects(serveSamples({ folder, port: Number(new URL(url).port) }), { code: 'EADDRINUSE' });
});

test('does not replace the globals Request and Response', async (t) => {
  const before = [globalThis.Request, globalThis.Response];
  await servedSamples(t);
  assert.deepEqual([globalThis.Request, globalThis.Response], before);
});

test('streams files and events over HTTP', async (t) => {
  const { url } = await servedSamples(t);
  const content = new Uint8Array(3_000_000).map((_, index) => index * 7);
  assert.equal((await fetch(`${url}/notes/files/a`, put(content))).status, 201);
  assert.deepEqual(new Uint8Array(await (await fetch(`${url}/notes/files/a`)).arrayBuffer()), content);

  const events = (await fetch(`${url}/notes/events`)).body?.getReader();
  await events?.read();
  await fetch(`${url}/notes`, postNote('x'));
  assert.match(new TextDecoder().decode((await events?.read())?.value), /^event: created\n/);
});

test('removes the stream of a client that has disconnected', async (t) => {
  const { url } = await servedSamples(t, { maxEventStreams: 1 });
  for (let round = 0; round < 3; round += 1) {
    const abort = new AbortController();
    const response = await fetch(`${url}/notes/events`, { signal: abort.signal });
    assert.equal(response.status, 200);
    abort.abort();
    await delay(50);
  }
});

test('stores nothing of an upload if the client disconnects', async (t) => {
  const { url, folder } = await servedSamples(t);
  const upload = request(`${url}/notes/files/a`, { method: 'PUT', headers: { 'content-length': 1_000_000 } });
  upload.on('error', () => assert.ok(upload.destroyed));
  upload.write(new Uint8Array(100_000));
  await untilTrue(() => readdirSync(folder).length === 1);
  upload.destroy();
  await untilTrue(() => readdirSync(folder).length === 0);
});

test('ends the streams of events and closes idle connections when it closes', async (t) => {
  const { url, close } = await servedSamples(t, { drainSeconds: 5 });
  const agent = new Agent({ keepAlive: true });
  const [response] = await once(get(url, { agent }), 'response');
  await once(response.resume(), 'end');
  const events = (await fetch(`${url}/notes/events`)).body?.getReader();
  await events?.read();
  const started = performance.now();
  await close();
  assert.equal((await events?.read())?.done, true);
  assert.ok(performance.now() - started < 1000);
  await assert.rejects(fetch(url));
});

test('finishes running requests before it closes', async (t) => {
  const { url, close, folder } = await servedSamples(t, { drainSeconds: 5 });
  const upload = request(`${url}/notes/files/a`, { method: 'PUT', headers: { 'content-length': 10 } });
  upload.write('12345');
  await untilTrue(() => readdirSync(folder).length === 1);
  const closed = close();
  upload.end('67890');
  const [response] = await once(upload, 'response');
  assert.equal(response.statusCode, 201);
  response.resume();
  await closed;
  assert.deepEqual(readdirSync(folder), ['a']);
});

test('ends a request that takes longer than the time for draining', async (t) => {
  const { url, close } = await servedSamples(t, { drainSeconds: 0.1 });
  const stalled = request(`${url}/notes/files/a`, { method: 'PUT', headers: { 'content-length': 10 } });
  const cut = once(stalled, 'error');
  stalled.write('12345');
  await delay(50);
  await close();
  assert.equal((await cut)[0].code, 'ECONNRESET');
});

test('answers a request that is not HTTP with 400, and continues to serve', async (t) => {
  const { url } = await servedSamples(t);
  const { port, hostname } = new URL(url);
  for (const junk of [
    '\0\0\0\r\n\r\n',
    'GET \\x HTTP/1.1\r\nHost: a\r\n\r\n',
    'GET / HTTP/1.1\r\nHost: [\r\n\r\n',
  ]) {
    const socket = connect(Number(port), hostname);
    socket.write(junk);
    const [answer] = await once(socket, 'data');
    assert.match(String(answer), /^HTTP\/1\.1 400 /);
    assert.doesNotMatch(String(answer), /\n\s+at /);
    socket.destroy();
  }
  assert.equal((await fetch(url)).status, 200);
});

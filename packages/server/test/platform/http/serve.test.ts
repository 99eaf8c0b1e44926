// The application behind Node's HTTP server: requests that reach a route, and the answers that arrive.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { connect } from 'node:net';
import type { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { z } from 'zod';
import type { Answer } from '../../../src/platform/http/answer.ts';
import { html, json, noContent } from '../../../src/platform/http/answer.ts';
import { createApp } from '../../../src/platform/http/app.ts';
import type { ServerSentEvent } from '../../../src/platform/http/event-stream.ts';
import { eventStream } from '../../../src/platform/http/event-stream.ts';
import type { Call, Route } from '../../../src/platform/http/route.ts';
import { createRequestListener } from '../../../src/platform/http/serve.ts';
import { appDeps } from '../../support/app.ts';
import { createMemoryLog } from '../../support/memory-log.ts';

async function startServer(t: TestContext, handle: Route['handle'], more: Partial<Route> = {}) {
  const { log, lines } = createMemoryLog();
  const route: Route = {
    name: 'readNote',
    method: 'GET',
    path: '/notes/:name',
    permission: 'public',
    summary: 'Read a note',
    params: z.object({ name: z.string() }),
    answers: {},
    handle,
    ...more,
  };
  const app = createApp([route], appDeps(log));
  const server = createServer(createRequestListener(app, log)).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  t.after(() => server.close());
  t.after(() => server.closeAllConnections());
  const { port } = server.address() as AddressInfo;
  return { open: () => connect(port, '127.0.0.1').on('error', () => {}), lines };
}

const nameIn = ({ params }: Call): string => (params as { name: string }).name;

/** Everything that the server sends until it ends the connection. */
function exchange(socket: Socket, head: string, body = ''): Promise<string> {
  socket.write(`${head}\r\nHost: localhost\r\nConnection: close\r\n\r\n${body}`);
  return text(socket);
}

test('an answer has the length of its body in octets, and 204 has neither (RFC 9110 §8.6)', async (t) => {
  const { open } = await startServer(t, ({ method }) => (method === 'HEAD' ? noContent() : json('é')));
  const answer = await exchange(open(), 'GET /notes/a HTTP/1.1');
  assert.match(answer, /^HTTP\/1\.1 200 OK\r\n.*content-length: 4\r\n.*\r\n\r\n"é"$/s);
  const empty = await exchange(open(), 'HEAD /notes/a HTTP/1.1');
  assert.match(empty, /^HTTP\/1\.1 204 /s);
  assert.doesNotMatch(empty, /content-length|transfer-encoding/i);
});

test('HEAD has the answer of GET, without the body (RFC 9110 §9.3.2)', async (t) => {
  const { open } = await startServer(t, () => json({ a: 1 }));
  const answer = await exchange(open(), 'HEAD /notes/a HTTP/1.1');
  assert.match(answer, /^HTTP\/1\.1 200 OK\r\n.*content-length: 7\r\n.*\r\n\r\n$/s);
});

test('octets arrive unchanged', async (t) => {
  const { open } = await startServer(t, () => ({
    status: 200,
    headers: {},
    body: Uint8Array.of(0x41, 0x42),
  }));
  assert.match(await exchange(open(), 'GET /notes/a HTTP/1.1'), /content-length: 2\r\n.*\r\n\r\nAB$/s);
});

const targets: Record<string, string> = {
  '/notes/a': 'a',
  '/notes/a?b=c': 'a',
  '/%6eotes/%61': 'a',
  '/notes/a%2Fb': 'a/b',
  '/notes/%252F': '%2F',
  '/notes/%FF': '%FF',
  '/x/../notes/a': 'a',
  'http://elsewhere.example/notes/a': 'a',
};

for (const [target, name] of Object.entries(targets)) {
  test(`the target ${target} names ${name} (RFC 9112 §3.2, RFC 3986 §6.2.2)`, async (t) => {
    const { open } = await startServer(t, (call) => json(nameIn(call)));
    assert.ok((await exchange(open(), `GET ${target} HTTP/1.1`)).endsWith(`\r\n\r\n${JSON.stringify(name)}`));
  });
}

const refused: Record<string, RegExp> = {
  'GET /notes\\a HTTP/1.1': /^HTTP\/1\.1 400 /,
  'GET ftp://localhost/notes/a HTTP/1.1': /^HTTP\/1\.1 400 /,
  'OPTIONS * HTTP/1.1': /^HTTP\/1\.1 400 /,
  'GET //notes/a HTTP/1.1': /^HTTP\/1\.1 404 /,
  'GET /notes%2Fa HTTP/1.1': /^HTTP\/1\.1 404 /,
  'GET /notes/a HTTP/1.1\r\nHost: elsewhere.example': /^HTTP\/1\.1 400 /,
};

for (const [head, status] of Object.entries(refused)) {
  test(`${JSON.stringify(head)} reaches no route (RFC 9112 §3.2)`, async (t) => {
    const { open } = await startServer(t, () => json('reached'));
    const answer = await exchange(open(), head);
    assert.match(answer, status);
    assert.match(answer, /"request_id":/);
  });
}

test('refuses a field Host without a host (RFC 9112 §3.2)', async (t) => {
  const { open } = await startServer(t, () => json('reached'));
  const socket = open();
  socket.write('GET /notes/a HTTP/1.1\r\nHost: a b/c\r\nConnection: close\r\n\r\n');
  assert.match(await text(socket), /^HTTP\/1\.1 400 .*bad_request/s);
});

test('a body that the handler does not read does not delay the answer, and is not read for long', async (t) => {
  const { open } = await startServer(t, () => json('done'), { method: 'POST' });
  const socket = open();
  socket.write('POST /notes/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000000\r\n\r\n');
  const feed = setInterval(() => socket.writable && socket.write(Buffer.alloc(32 * 1024)), 5);
  t.after(() => clearInterval(feed));
  assert.match(await text(socket), /\r\n\r\n"done"$/);
});

test('a short body that the handler does not read leaves the connection usable (RFC 9112 §9.3)', async (t) => {
  const { open } = await startServer(t, () => json('done'), { method: 'POST' });
  const socket = open();
  socket.write('POST /notes/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nabcde');
  const both = await exchange(socket, 'POST /notes/a HTTP/1.1\r\nContent-Length: 0');
  assert.equal(both.match(/"done"/g)?.length, 2);
});

test('an answer that cannot be written ends the connection and is logged, and the server continues to run', async (t) => {
  const broken: Answer = { status: 200, headers: { location: 'a\nb' } };
  const { open, lines } = await startServer(t, (call) => (nameIn(call) === 'a' ? broken : noContent()));
  assert.equal(await exchange(open(), 'GET /notes/a HTTP/1.1'), '');
  assert.match(JSON.stringify(lines()), /an answer could not be sent/);
  assert.match(await exchange(open(), 'GET /notes/b HTTP/1.1'), /^HTTP\/1\.1 204 /);
});

test('a field with several values is sent once for each (RFC 6265 §3)', async (t) => {
  const headers = { 'set-cookie': ['a=1; Path=/', 'b=2; Path=/'] };
  const { open } = await startServer(t, () => noContent(headers));
  const answer = await exchange(open(), 'GET /notes/a HTTP/1.1');
  assert.match(answer, /set-cookie: a=1; Path=\/\r\nset-cookie: b=2; Path=\/\r\n/);
});

test('a page is HTML in UTF-8, and no cache may store it', async (t) => {
  const { open } = await startServer(t, () => html('<p>é', 403));
  const answer = await exchange(open(), 'GET /notes/a HTTP/1.1');
  assert.match(answer, /^HTTP\/1\.1 403 .*content-type: text\/html; charset=utf-8\r\n.*<p>é$/s);
  assert.match(answer, /cache-control: no-store/);
});

async function* counted(ended: () => void) {
  try {
    for (let count = 0; count < 3; count += 1) yield `${count}\n`;
  } finally {
    ended();
  }
}

test('a stream is sent as it arrives, without a length', async (t) => {
  const { open } = await startServer(t, () => ({ status: 200, headers: {}, body: counted(() => {}) }));
  const answer = await exchange(open(), 'GET /notes/a HTTP/1.1');
  assert.match(answer, /transfer-encoding: chunked\r\n.*0\n.*1\n.*2\n/is);
  assert.doesNotMatch(answer, /content-length/i);
});

test('HEAD gets the header of a stream without its content', async (t) => {
  const { open } = await startServer(t, () => ({ status: 200, headers: {}, body: counted(() => {}) }));
  const answer = await exchange(open(), 'HEAD /notes/a HTTP/1.1');
  assert.match(answer, /^HTTP\/1\.1 200 .*\r\n\r\n$/s);
});

test('HEAD of events closes their stream', async (t) => {
  const closed = Promise.withResolvers<void>();
  const { open } = await startServer(t, ({ signal }) => {
    const answer = eventStream(until(signal()));
    (answer.body as PassThrough).once('close', closed.resolve);
    return answer;
  });
  assert.match(await exchange(open(), 'HEAD /notes/a HTTP/1.1'), /text\/event-stream/);
  await closed.promise;
});

test('a stream ends without an error when the client leaves', async (t) => {
  const ended = Promise.withResolvers<void>();
  async function* endless() {
    try {
      for (;;) {
        yield 'x'.repeat(64 * 1024);
        await new Promise((resolve) => setImmediate(resolve));
      }
    } finally {
      ended.resolve();
    }
  }
  const { open, lines } = await startServer(t, () => ({ status: 200, headers: {}, body: endless() }));
  const socket = open();
  socket.write('GET /notes/a HTTP/1.1\r\nHost: localhost\r\n\r\n');
  socket.once('data', () => socket.destroy());
  await ended.promise;
  assert.deepEqual(lines(), []);
});

test('a stream that fails cuts the connection, and is logged', async (t) => {
  async function* failing() {
    yield 'begun';
    throw new Error('the source broke');
  }
  const { open, lines } = await startServer(t, () => ({ status: 200, headers: {}, body: failing() }));
  const answer = await exchange(open(), 'GET /notes/a HTTP/1.1');
  assert.doesNotMatch(answer, /\r\n0\r\n\r\n$/);
  assert.match(JSON.stringify(lines()), /the source broke/);
});

test('events are sent one by one, each as JSON in one field (WHATWG HTML §9.2)', async (t) => {
  async function* events() {
    yield { data: { text: 'a\nb' }, event: 'note', id: '1' };
    yield { data: 2 };
  }
  const { open } = await startServer(t, () => eventStream(events()));
  const answer = await exchange(open(), 'GET /notes/a HTTP/1.1');
  assert.match(answer, /content-type: text\/event-stream\r\n/);
  assert.ok(answer.includes('event: note\nid: 1\ndata: {"text":"a\\nb"}\n\n'), answer);
  assert.ok(answer.includes('data: 2\n\n'));
});

test('the signal ends a source of events when the client leaves', async (t) => {
  const aborted = Promise.withResolvers<void>();
  async function* waiting(signal: AbortSignal) {
    yield { data: 1 };
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    aborted.resolve();
  }
  const { open } = await startServer(t, (call) => eventStream(waiting(call.signal())));
  const socket = open();
  socket.write('GET /notes/a HTTP/1.1\r\nHost: localhost\r\n\r\n');
  socket.once('data', () => socket.destroy());
  await aborted.promise;
});

async function* until(signal: AbortSignal): AsyncGenerator<ServerSentEvent> {
  yield { data: 1 };
  await new Promise((resolve) => signal.addEventListener('abort', resolve));
}

// The gateway streams bodies of any size without storing them: they are forwarded as they arrive, no faster
// than they are read, and only while both ends are connected.
import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { after, describe, it } from 'node:test';
import { eventually } from './support/conditions.ts';
import type { RawConnection } from './support/raw-client.ts';
import { connectRaw } from './support/raw-client.ts';
import { startServer } from './support/server-under-test.ts';
import { startRecordingUpstream } from './support/upstreams.ts';

const upstream = await startRecordingUpstream();
const server = await startServer({ upstream: upstream.origin });
const { key } = await server.createKey(['admin']);
after(() => Promise.all([server.stop(), upstream.close()]));

const FIELDS = `Host: localhost\r\nX-API-Key: ${key}\r\n`;
const MEGABYTE = 1024 * 1024;
const TOTAL_BYTES = 200 * MEGABYTE;
// The limit of octets that sockets and streams on the way may buffer, far below the whole body.
const IN_FLIGHT_BYTES = 40 * MEGABYTE;
const GROWTH_BYTES = 120 * MEGABYTE;
const NOTICED_WITHIN_MS = 1000;

describe('bodies are streamed', { concurrency: true }, () => {
  it('forwards the first bytes of an answer before the rest has arrived', async () => {
    let finish = () => {};
    upstream.on('/events', (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: one\n\n');
      finish = () => void response.end('data: two\n\n');
    });
    const client = await send(`GET /events HTTP/1.1\r\n${FIELDS}\r\n`);
    await eventually('the first event', () => client.received().includes('data: one'));
    assert.ok(!client.received().includes('data: two'));
    finish();
    assert.equal((await client.response()).body.toString(), 'data: one\n\ndata: two\n\n');
    client.destroy();
  });

  it('forwards the head of an answer before any of its body', async () => {
    let finish = () => {};
    upstream.on('/head-first', (_request, response) => {
      response.flushHeaders();
      finish = () => void response.end('body');
    });
    const client = await send(`GET /head-first HTTP/1.1\r\n${FIELDS}\r\n`);
    await eventually('the head', () => client.received().includes('\r\n\r\n'));
    finish();
    assert.equal((await client.response()).body.toString(), 'body');
    client.destroy();
  });

  it('forwards the first bytes of a request before the rest has arrived', async () => {
    const client = await send(`POST /upload HTTP/1.1\r\n${FIELDS}Content-Length: 10\r\n\r\nfirst`);
    await eventually('the first half', () => upstream.saw('/upload')[0]?.body.toString() === 'first');
    client.write('other');
    assert.equal((await client.response()).status, 200);
    assert.equal(upstream.saw('/upload')[0]?.body.toString(), 'firstother');
    client.destroy();
  });
});

describe('memory stays bounded', () => {
  it('an answer of 200 MB to a client that does not read waits at the upstream, then arrives completely', async () => {
    let sent = 0;
    upstream.on('/large', (_request, response) => {
      response.writeHead(200, { 'content-length': TOTAL_BYTES });
      pour(response, (bytes) => {
        sent += bytes;
      });
    });
    const before = process.memoryUsage().rss;
    const socket = (await connectRaw(server)).socket;
    socket.removeAllListeners('data');
    socket.pause();
    socket.write(`GET /large HTTP/1.1\r\n${FIELDS}\r\n`);
    await standsStill(() => sent);
    assert.ok(sent < IN_FLIGHT_BYTES, `${sent} bytes are in flight`);
    let received = 0;
    socket.on('data', (chunk: Buffer) => {
      received += chunk.length;
    });
    socket.resume();
    await eventually('the whole answer', () => received >= TOTAL_BYTES, 30_000);
    assertGrowth(before);
    socket.destroy();
  });

  it('a request of 200 MB to an upstream that does not read waits at the client, then arrives completely', async () => {
    let reading: IncomingMessage | undefined;
    let received = 0;
    upstream.on('/slow-upload', (request, response) => {
      reading = request;
      request.removeAllListeners('data');
      request.pause();
      request.on('end', () => response.end(String(received)));
    });
    const before = process.memoryUsage().rss;
    const client = await send(`PUT /slow-upload HTTP/1.1\r\n${FIELDS}Content-Length: ${TOTAL_BYTES}\r\n\r\n`);
    let sent = 0;
    pour(client.socket, (bytes) => {
      sent += bytes;
    });
    await standsStill(() => sent);
    assert.ok(sent < IN_FLIGHT_BYTES, `${sent} bytes are in flight`);
    reading?.on('data', (chunk: Buffer) => {
      received += chunk.length;
    });
    reading?.resume();
    assert.equal((await client.response({ timeoutMs: 30_000 })).body.toString(), String(TOTAL_BYTES));
    assertGrowth(before);
    client.destroy();
  });
});

describe('if one side leaves, the connection to the other ends within a second', {
  concurrency: true,
}, () => {
  it('a client that leaves while the upstream has not answered', async () => {
    const upstreamEnd = ends('/leave-waiting');
    const client = await send(`GET /leave-waiting HTTP/1.1\r\n${FIELDS}\r\n`);
    await eventually('the request', () => upstream.saw('/leave-waiting').length === 1);
    client.destroy();
    await upstreamEnd();
  });

  it('a client that leaves in the middle of the answer', async () => {
    const upstreamEnd = ends('/leave-reading', (response) => void response.write('a beginning'));
    const client = await send(`GET /leave-reading HTTP/1.1\r\n${FIELDS}\r\n`);
    await eventually('the beginning', () => client.received().includes('a beginning'));
    client.destroy();
    await upstreamEnd();
  });

  it('a client that leaves in the middle of its own request', async () => {
    const upstreamEnd = ends('/leave-writing');
    const client = await send(`PUT /leave-writing HTTP/1.1\r\n${FIELDS}Content-Length: 100\r\n\r\nbegin`);
    await eventually('the beginning', () => upstream.saw('/leave-writing')[0]?.body.length === 5);
    client.destroy();
    await upstreamEnd();
    assert.equal(upstream.saw('/leave-writing')[0]?.complete, false);
  });

  it('an upstream that leaves in the middle of the request gives 502', async () => {
    upstream.on('/upstream-leaves', (request) => {
      request.once('data', () => request.socket.destroy());
    });
    const client = await send(`PUT /upstream-leaves HTTP/1.1\r\n${FIELDS}Content-Length: 100\r\n\r\nbegin`);
    assert.equal((await client.response({ timeoutMs: NOTICED_WITHIN_MS })).status, 502);
    await client.ended(NOTICED_WITHIN_MS);
    client.destroy();
  });

  it('an upstream that answers before it has read the request: its answer arrives, then the connection is closed', async () => {
    upstream.on('/early-answer', (request, response) => {
      request.once('data', () => response.writeHead(409, { connection: 'close' }).end('conflict'));
    });
    const client = await send(`PUT /early-answer HTTP/1.1\r\n${FIELDS}Content-Length: 100000\r\n\r\nbegin`);
    const { status, body, headers } = await client.response();
    assert.equal(status, 409);
    assert.equal(body.toString(), 'conflict');
    assert.deepEqual(headers.get('connection'), ['close']);
    await client.ended();
    client.destroy();
  });
});

async function send(bytes: string): Promise<RawConnection> {
  const client = await connectRaw(server);
  client.write(bytes);
  return client;
}

/** Writes 200 MB as fast as `to` accepts them. */
function pour(to: ServerResponse | RawConnection['socket'], count: (bytes: number) => void): void {
  const chunk = Buffer.alloc(MEGABYTE / 4, 'x');
  let left = TOTAL_BYTES;
  function more(): void {
    while (left > 0) {
      left -= chunk.length;
      count(chunk.length);
      if (to.write(chunk)) continue;
      to.once('drain', more);
      return;
    }
    if ('writeHead' in to) to.end();
  }
  more();
}

/** Resolves when `value` is above zero and has not changed for a while. */
async function standsStill(value: () => number): Promise<void> {
  let last = 0;
  let since = performance.now();
  await eventually('backpressure', () => {
    if (value() !== last) since = performance.now();
    last = value();
    return last > 0 && performance.now() - since > 400;
  });
}

function assertGrowth(before: number): void {
  const growth = process.memoryUsage().rss - before;
  assert.ok(growth < GROWTH_BYTES, `memory grew by ${Math.round(growth / MEGABYTE)} MB`);
}

/** Waits until the upstream's connection for `path` has closed, at most a second after the call. */
function ends(path: string, answer: (response: ServerResponse) => void = () => {}): () => Promise<void> {
  let closed = false;
  upstream.on(path, (request, response) => {
    request.socket.once('close', () => {
      closed = true;
    });
    answer(response);
  });
  return async () => {
    await eventually(`the end of ${path} upstream`, () => closed, NOTICED_WITHIN_MS);
  };
}

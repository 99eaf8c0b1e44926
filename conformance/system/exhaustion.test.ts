// Slow clients: each is disconnected after its time, and all others are served meanwhile.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import type { TestContext } from 'node:test';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { ConnectionOptions } from 'node:tls';
import { eventually } from '../support/conditions.ts';
import { takenAfterRefusal } from '../support/endless-upload.ts';
import { ask } from '../support/https-client.ts';
import type { RawConnection } from '../support/raw-client.ts';
import { connectRaw } from '../support/raw-client.ts';
import { startServer } from '../support/server-under-test.ts';
import { startRecordingUpstream } from '../support/upstreams.ts';

const upstream = await startRecordingUpstream();
const server = await startServer({
  upstream: upstream.origin,
  set: [
    'gateway.timeouts.handshake=1s',
    'gateway.timeouts.headers=1s',
    'gateway.timeouts.body=500ms',
    'gateway.timeouts.idle=500ms',
    'gateway.timeouts.firstByte=3s',
    'gateway.timeouts.stall=1s',
    'gateway.minBodyBytesPerSecond=1000',
  ],
});
const { key } = await server.createKey(['admin']);
after(() => Promise.all([server.stop(), upstream.close()]));

const FIELDS = `Host: localhost\r\nX-API-Key: ${key}\r\n`;
// Node's types lack this option of tls.connect.
const HALF_OPEN = { allowHalfOpen: true } as ConnectionOptions;
// The limits above are half a second or one second. The additional time is for a busy machine.
const CUT_WITHIN_MS = 5000;
// The octets that the gateway drops, and those that fit into the buffers on the way.
const REFUSED_BYTES = 40 * 1024 * 1024;

describe('slow clients are disconnected in time', { concurrency: true }, () => {
  const waits: number[] = [];
  let over = false;
  let others: Promise<void>;

  before(() => {
    others = serveOthers();
    others.catch(() => {}); // The end of the tests awaits it.
  });
  after(async () => {
    over = true;
    await others;
    const usual = waits.sort((a, b) => a - b)[Math.floor(waits.length * 0.9)] ?? 0;
    assert.ok(waits.length > 20, `only ${waits.length} other requests were served`);
    assert.ok(usual < 1000, `one in ten other clients waited more than ${Math.round(usual)} ms`);
  });

  async function serveOthers(): Promise<void> {
    while (!over) {
      const startedAt = performance.now();
      const answer = await askUntilServed();
      assert.equal(answer.status, 200, answer.text());
      waits.push(performance.now() - startedAt);
      await delay(20);
    }
  }

  /** On a busy machine, this process may be slow, too, and is disconnected like the slow clients. */
  async function askUntilServed(): Promise<Awaited<ReturnType<typeof ask>>> {
    try {
      return await ask({ ...server, path: '/others', headers: { 'x-api-key': key } });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ECONNRESET') throw error;
      return askUntilServed();
    }
  }

  it('one that sends its headers byte by byte gets 408 (RFC 9110 §15.5.9)', async (t) => {
    const client = await connectRaw(server);
    drip(t, client, 'X');
    client.write(`GET /slow-headers HTTP/1.1\r\n${FIELDS}X-Slow: `);
    assert.equal((await client.response({ timeoutMs: CUT_WITHIN_MS })).status, 408);
    await client.ended(CUT_WITHIN_MS);
    client.destroy();
  });

  it('one that sends nothing after the handshake is disconnected', async () => {
    const client = await connectRaw(server);
    await client.ended(CUT_WITHIN_MS);
    client.destroy();
  });

  for (const [what, framing, bytes] of [
    ['a body', 'Content-Length: 1000000\r\n', 'x'],
    ['chunks', 'Transfer-Encoding: chunked\r\n', '1\r\nx\r\n'],
  ] as const) {
    it(`one that sends ${what} byte by byte gets 408, and the upstream request ends`, async (t) => {
      const target = `/slow-${what.replace(' ', '-')}`;
      const client = await connectRaw(server);
      client.write(`POST ${target} HTTP/1.1\r\n${FIELDS}${framing}\r\n`);
      drip(t, client, bytes);
      assert.equal((await client.response({ timeoutMs: CUT_WITHIN_MS })).status, 408);
      await eventually('the end upstream', () => upstream.saw(target)[0]?.aborted);
      client.destroy();
    });
  }

  it('one that begins a large body fast and then stops gets 408 just as soon', async () => {
    const client = await connectRaw(server);
    client.write(`POST /silent-body HTTP/1.1\r\n${FIELDS}Content-Length: 10000000\r\n\r\n`);
    client.write(Buffer.alloc(1_000_000));
    assert.equal((await client.response({ timeoutMs: CUT_WITHIN_MS })).status, 408);
    client.destroy();
  });

  it('one that got 100 Continue and sends no body gets 408 (RFC 9110 §10.1.1)', async () => {
    const client = await connectRaw(server);
    client.write(`POST /no-continue HTTP/1.1\r\n${FIELDS}Expect: 100-continue\r\nContent-Length: 10\r\n\r\n`);
    assert.equal((await client.response()).status, 100);
    assert.equal((await client.response({ timeoutMs: CUT_WITHIN_MS })).status, 408);
    client.destroy();
  });

  it('one that sends slowly but fast enough is served', async () => {
    const client = await connectRaw(server);
    client.write(`POST /steady HTTP/1.1\r\n${FIELDS}Content-Length: 6000\r\n\r\n`);
    for (let sent = 0; sent < 6000; sent += 300) {
      client.write('x'.repeat(300));
      await delay(60);
    }
    assert.equal((await client.response()).status, 200);
    client.destroy();
  });

  it('one with a slow upstream need not reach the rate', async () => {
    upstream.on('/slow-upstream', (request, response) => {
      request.removeAllListeners('data');
      request.pause();
      setTimeout(() => request.resume(), 1500);
      request.on('end', () => response.end('all of it'));
    });
    const client = await connectRaw(server);
    const length = 20_000_000;
    client.write(`PUT /slow-upstream HTTP/1.1\r\n${FIELDS}Content-Length: ${length}\r\n\r\n`);
    client.write(Buffer.alloc(length));
    assert.equal((await client.response()).body.toString(), 'all of it');
    client.destroy();
  });

  it('one that does not read its answer is disconnected, and the upstream request ends', async () => {
    let closed = false;
    upstream.on('/unread', (_request, response) => {
      response.on('close', () => {
        closed = true;
      });
      response.end(Buffer.alloc(50_000_000));
    });
    const { socket } = await connectRaw(server);
    socket.removeAllListeners('data');
    socket.pause();
    socket.write(`GET /unread HTTP/1.1\r\n${FIELDS}\r\n`);
    await eventually('the end upstream', () => closed, CUT_WITHIN_MS);
    await eventually('the record of it', () =>
      server
        .accessLog()
        .some(({ path, reason }) => path === '/unread' && reason === 'the client did not read the answer'),
    );
    socket.destroy();
  });

  const STALLED: Record<string, Buffer> = {
    nothing: Buffer.alloc(0),
    'half a ClientHello': Buffer.from('16030102000100', 'hex'),
    'a ClientHello of 1 byte records': Buffer.from('1603010001011603010001001603010001001603010001ff', 'hex'),
  };
  for (const [what, bytes] of Object.entries(STALLED)) {
    it(`one that sends only ${what} of the handshake is disconnected`, async () => {
      await cutOff(await connectPlain(bytes));
    });
  }

  it('one that sends plain HTTP to the TLS port is disconnected', async () => {
    await cutOff(await connectPlain(Buffer.from(`GET / HTTP/1.1\r\n${FIELDS}\r\n`)));
  });

  it('one with an idle connection is disconnected', async () => {
    const client = await connectRaw(server);
    client.write(`GET /then-idle HTTP/1.1\r\n${FIELDS}\r\n`);
    assert.equal((await client.response()).status, 200);
    await client.ended(CUT_WITHIN_MS);
    client.destroy();
  });

  it('one that continues sending at full speed after its refusal is disconnected (RFC 9112 §9.6)', async () => {
    const halfOpen = { ...server, tls: HALF_OPEN };
    assert.ok((await takenAfterRefusal(halfOpen, '/refused', 401)) < REFUSED_BYTES);
  });

  it('one that continues sending after its refusal is disconnected (RFC 9112 §9.6)', async (t) => {
    const client = await connectRaw({ ...server, tls: HALF_OPEN });
    client.write('POST /refused HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000000\r\n\r\n');
    assert.equal((await client.response()).status, 401);
    drip(t, client, 'x');
    await eventually('the end of it', () => client.socket.destroyed);
  });
});

describe('a client that sends requests without end', () => {
  const FLOOD_BYTES = 16 * 1024 * 1024;
  const GROWTH_LIMIT_BYTES = 80 * 1024 * 1024;

  for (const [what, first] of [
    ['without waiting for an answer', `GET /unanswered HTTP/1.1\r\n${FIELDS}\r\n`],
    ['after a refusal', 'POST /refused HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\nx'],
  ] as const) {
    it(`and does so ${what} is disconnected before they fill the memory (RFC 9112 §9.3.2, §9.6)`, async () => {
      upstream.on('/unanswered', () => {});
      const client = await connectRaw({ ...server, tls: HALF_OPEN });
      const before = process.memoryUsage().rss;
      client.write(first);
      const many = Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(2000));
      for (let sent = 0; sent < FLOOD_BYTES && !client.socket.destroyed; sent += many.length) {
        client.write(many);
        await delay(1);
      }
      const others = await ask({ ...server, path: '/meanwhile', headers: { 'x-api-key': key } });
      assert.equal(others.status, 200);
      await eventually('the end of it', () => client.socket.destroyed, 2000);
      const growth = process.memoryUsage().rss - before;
      assert.ok(growth < GROWTH_LIMIT_BYTES, `the process has grown by ${growth} bytes`);
    });
  }
});

describe('limits of connections and requests', () => {
  it('a worker accepts at most gateway.maxConnections, and serves again when some have ended', async () => {
    const small = await startServer({
      upstream: upstream.origin,
      set: ['gateway.workers=1', 'gateway.maxConnections=10'],
    });
    try {
      const held: RawConnection[] = [];
      for (let count = 0; count < 10; count += 1) held.push(await connectRaw(small));
      await assert.rejects(connectRaw(small));
      for (const client of held) client.destroy();
      await eventually('room', () =>
        ask({ ...small, path: '/' }).then(
          ({ status }) => status === 401,
          () => false,
        ),
      );
    } finally {
      await small.stop();
    }
  });
});

/** Sends `bytes` again and again until the test is over. */
function drip(t: TestContext, client: RawConnection, bytes: string): void {
  const timer = setInterval(() => client.write(bytes), 50);
  t.after(() => clearInterval(timer));
}

async function connectPlain(bytes: Buffer): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port: server.port });
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.write(bytes);
  return socket;
}

async function cutOff(socket: Socket): Promise<void> {
  let answer = '';
  socket.on('data', (chunk) => {
    answer += chunk.toString('latin1');
  });
  await once(socket, 'close', { signal: AbortSignal.timeout(CUT_WITHIN_MS) });
  assert.doesNotMatch(answer, /HTTP/);
}

// The connections to all upstreams: reused for the next request, closed when an upstream is retired, and
// failed if the transport refuses.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { createCounts } from '../../src/counts/counts.ts';
import { createWheel } from '../../src/exchange/wheel.ts';
import { FieldBlock } from '../../src/http1/field-block.ts';
import type { Transport } from '../../src/transport/transport.ts';
import type { Upstream, UpstreamEvents, UpstreamRequest } from '../../src/upstream/call.ts';
import { RequestTemplate } from '../../src/upstream/request-template.ts';
import { createUpstreams } from '../../src/upstream/upstreams.ts';
import { plainTransport } from '../support/net-transport.ts';
import type { RawUpstream } from '../support/raw-upstream.ts';
import { rawUpstream } from '../support/raw-upstream.ts';

const SETTINGS = { firstByteSeconds: 5, stallSeconds: 5, maxConnections: 2, maxIdle: 10, maxWaiting: 100 };
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

function upstreamAt(port: number, key = 'one'): Upstream {
  const address = { host: '127.0.0.1', port };
  const target = { address, tls: undefined, connectSeconds: 2 };
  return { key, name: key, origin: `http://127.0.0.1:${port}`, host: 'localhost', target };
}

function setUp(t: TestContext, transport: Pick<Transport, 'connect'> = plainTransport) {
  const upstreams = createUpstreams({ transport, wheel: createWheel(0), counts: createCounts() }, SETTINGS);
  t.after(upstreams.close);
  /** Resolves with the body when the answer is complete. */
  function ask(upstream: Upstream): Promise<string> {
    return new Promise((resolve, reject) => {
      let body = '';
      const events: UpstreamEvents = {
        answerInformation() {},
        answerHead() {},
        answerBody: (octets) => {
          body += Buffer.from(octets).toString('latin1');
        },
        answerComplete: () => resolve(body),
        answerFlush() {},
        answerFailed: reject,
        requestDrained() {},
      };
      const template = new RequestTemplate({
        method: 'GET',
        path: '/',
        host: 'localhost',
        passed: new FieldBlock([]),
        origin: new FieldBlock([]),
        fields: [],
        body: 'none',
        isWebSocket: false,
      });
      const request: UpstreamRequest = { id: 'one', template };
      const call = upstreams.send(upstream, request, events);
      call.finish([]);
      call.flush();
    });
  }
  return { upstreams, ask };
}

function answering(t: TestContext): Promise<RawUpstream> {
  return rawUpstream(t, (socket) => void socket.write(OK));
}

test('requests to one upstream share a connection, but not with requests to other upstreams', async (t) => {
  const { port, sockets } = await answering(t);
  const { ask } = setUp(t);
  for (const key of ['one', 'one', 'other', 'one']) await ask(upstreamAt(port, key));
  assert.equal(sockets.length, 2);
});

test('a retired upstream closes its idle connection at once, and the next request opens another', async (t) => {
  const { port, sockets } = await answering(t);
  const { upstreams, ask } = setUp(t);
  await ask(upstreamAt(port));
  const closed = once(sockets[0] as (typeof sockets)[number], 'end');
  upstreams.retire('one');
  upstreams.retire('unknown');
  await closed;
  assert.equal(await ask(upstreamAt(port)), 'ok');
  assert.equal(sockets.length, 2);
});

test('a retired upstream lets a running request finish, and then closes its connection', async (t) => {
  const { promise: asked, resolve: arrived } = Promise.withResolvers<() => void>();
  const { port, sockets } = await rawUpstream(t, (socket, _, connection) => {
    if (connection === 0) arrived(() => socket.write(OK));
    else socket.write(OK);
  });
  const { upstreams, ask } = setUp(t);
  const running = ask(upstreamAt(port));
  const answer = await asked;
  upstreams.retire('one');
  assert.equal(await ask(upstreamAt(port)), 'ok');
  const closed = once(sockets[0] as (typeof sockets)[number], 'end');
  answer();
  assert.equal(await running, 'ok');
  await closed;
  // The end of the retired upstream does not close the connection of the new one.
  assert.equal(await ask(upstreamAt(port)), 'ok');
  assert.equal(sockets.length, 2);
});

test('a request fails if the transport refuses to connect, and later ones can connect', async (t) => {
  const { port } = await answering(t);
  let isRefusing = true;
  const { ask } = setUp(t, {
    connect(target, events) {
      if (isRefusing) throw new Error('TLS does not take this key');
      return plainTransport.connect(target, events);
    },
  });
  // More of them than connections may be open: a refused one must not count.
  const refused = await Promise.allSettled([1, 2, 3, 4].map(() => ask(upstreamAt(port))));
  for (const { status, ...rest } of refused) {
    assert.equal(status, 'rejected');
    const { reason } = rest as { reason: Error };
    assert.equal((reason.cause as Error).message, 'TLS does not take this key');
  }
  isRefusing = false;
  assert.equal(await ask(upstreamAt(port)), 'ok');
});

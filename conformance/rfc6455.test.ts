// WebSockets (RFC 6455) through the gateway: the handshake is admitted like any request, then frames pass
// unchanged in both directions.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { after, before, describe, it } from 'node:test';
import type { ClientOptions } from 'ws';
import { WebSocket, WebSocketServer } from 'ws';
import { eventually } from './support/conditions.ts';
import { connectRaw } from './support/raw-client.ts';
import type { ServerUnderTest } from './support/server-under-test.ts';
import { startServer } from './support/server-under-test.ts';
import { startRawUpstream, startRecordingUpstream } from './support/upstreams.ts';

const upstream = await startRecordingUpstream();
const handshakes: IncomingMessage[] = [];
/** The upstream's ends of the connections, by request target. */
const sockets = new Map<string, WebSocket>();
const webSockets = new WebSocketServer({
  server: upstream.server,
  path: '/ws',
  perMessageDeflate: true,
  handleProtocols: (protocols) => (protocols.has('chat.v2') ? 'chat.v2' : false),
});
webSockets.on('connection', (socket, request) => {
  handshakes.push(request);
  const target = request.url ?? '';
  sockets.set(target, socket);
  socket.on('close', () => sockets.delete(target));
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
});
/** Answers to handshakes that neither accept nor decline. */
const UNUSABLE: Record<string, string> = {
  'a control byte in the reason phrase': 'HTTP/1.1 403 No\x01pe\r\nContent-Length: 0\r\n\r\n',
  'a control byte in an acceptance':
    'HTTP/1.1 101 Ye\x01s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
  'an invalid status': 'HTTP/1.1 600 Beyond\r\nContent-Length: 10\r\n\r\npart',
  'a transfer coding other than chunked':
    'HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n',
  'a 101 to another protocol': 'HTTP/1.1 101 Yes\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n',
  'a 101 without Upgrade': 'HTTP/1.1 101 Yes\r\nConnection: Upgrade\r\n\r\n',
  'a 101 without Connection': 'HTTP/1.1 101 Yes\r\nUpgrade: websocket\r\n\r\n',
};
let leftAlone: 'waiting' | 'ended' | undefined;
// Answers every handshake in a different way.
const other = await startRawUpstream((head, socket) => {
  if (head.includes(' /other/declines'))
    socket.write(
      'HTTP/1.1 426 Upgrade Required\r\nSec-WebSocket-Version: 13\r\nContent-Length: 5\r\n\r\nother',
    );
  if (head.includes(' /other/plain')) socket.end('HTTP/1.0 200 OK\r\n\r\nnot a WebSocket');
  const unusable = Object.values(UNUSABLE)[Number(/ \/other\/unusable-(\d+) /.exec(head)?.[1])];
  if (unusable) socket.write(unusable, 'latin1');
  if (head.includes(' /other/malformed'))
    socket.write('HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npart\r\nzz\r\n');
  if (head.includes(' /other/hangs-up')) socket.destroy();
  if (head.includes(' /other/dies')) {
    socket.write('HTTP/1.1 403 Forbidden\r\nContent-Length: 100\r\n\r\nonly a part');
    setImmediate(() => socket.destroy());
  }
  if (head.includes(' /other/left-alone')) {
    leftAlone = 'waiting';
    socket.once('close', () => {
      leftAlone = 'ended';
    });
  }
});
const routes = `gateway.routes=[{"path":"/other/*","upstream":"${other.origin}"},{"path":"/down","upstream":"http://127.0.0.1:1"},{"path":"/*","allow":{"roles":["admin"]}}]`;
const server = await startServer({ upstream: upstream.origin, set: [routes] });
const { key } = await server.createKey(['admin']);
const stranger = await server.createKey(['guest']);
after(async () => {
  for (const socket of sockets.values()) socket.terminate();
  webSockets.close();
  await Promise.all([server.stop(), upstream.close(), other.close()]);
});

function open(path: string, options: ClientOptions = {}, protocols: string[] = []): WebSocket {
  const headers = options.headers ?? { 'x-api-key': key };
  return new WebSocket(`wss://127.0.0.1:${server.port}${path}`, protocols, {
    ca: server.ca,
    ...options,
    headers,
  });
}

/** The answer to a handshake that was not accepted. */
async function refusal(path: string, options: ClientOptions = {}): Promise<{ status: number; text: string }> {
  const client = open(path, options);
  client.on('error', () => {});
  const [, answer] = (await once(client, 'unexpected-response')) as [unknown, IncomingMessage];
  let text = '';
  for await (const chunk of answer) text += chunk;
  return { status: answer.statusCode ?? 0, text };
}

const WAIT_SECONDS = 2;
const HANDSHAKE =
  'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';
const FIELDS = `Host: localhost\r\nX-API-Key: ${key}\r\n`;

describe('WebSockets through the gateway (RFC 6455)', { concurrency: true }, () => {
  it('echo text and binary messages of any size (§5.6)', async () => {
    const client = open('/ws');
    await once(client, 'open');
    for (const message of ['hello', 'ünïcode', randomBytes(1_000_001)]) {
      client.send(message);
      const [data, isBinary] = (await once(client, 'message')) as [Buffer, boolean];
      assert.equal(isBinary, Buffer.isBuffer(message));
      assert.ok(data.equals(Buffer.from(message)));
    }
    client.terminate();
  });

  it('transmit control frames and the close code in both directions (§5.5, §7.4)', async () => {
    const client = open('/ws?closing');
    await once(client, 'open');
    client.ping('p');
    assert.equal(String((await once(client, 'pong'))[0]), 'p');
    client.close(4001, 'done');
    const [code, reason] = (await once(client, 'close')) as [number, Buffer];
    assert.equal(code, 4001);
    assert.equal(reason.toString(), 'done');
  });

  it('negotiate subprotocol and extensions with the upstream (§4.2.2)', async () => {
    const client = open('/ws', {}, ['chat.v1', 'chat.v2']);
    await once(client, 'open');
    assert.equal(client.protocol, 'chat.v2');
    assert.match(client.extensions, /permessage-deflate/);
    client.terminate();
  });

  it('identify the caller to the upstream, without the credential', async () => {
    const client = open('/ws?who', {
      headers: { 'x-api-key': key, 'x-forwarded-for': '1.2.3.4', 'gatehouse-assertion': 'forged' },
    });
    await once(client, 'open');
    const { headers } =
      handshakes.find(({ url }) => url === '/ws?who') ?? assert.fail('no handshake arrived');
    assert.equal(headers['x-api-key'], undefined);
    assert.equal(headers['x-forwarded-for'], '127.0.0.1');
    assert.equal(headers['x-forwarded-proto'], 'https');
    assert.match(String(headers['gatehouse-assertion']), /^[\w-]+\.[\w-]+\.[\w-]+$/);
    client.terminate();
  });

  it('forward frames that were sent with the handshake', async () => {
    const client = await connectRaw(server);
    const masked = Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69]);
    client.write(Buffer.concat([Buffer.from(`GET /ws HTTP/1.1\r\n${FIELDS}${HANDSHAKE}\r\n`), masked]));
    const { status, headers } = await client.response();
    assert.equal(status, 101);
    assert.deepEqual(headers.get('sec-websocket-accept'), ['s3pPLMBiTxaQ9kYGzzhZRbK+xOo=']);
    await eventually('the echo', () => client.received().endsWith('\x81\x02hi'));
    client.destroy();
  });

  it('open on a connection that has served requests before (RFC 9110 §7.8)', async () => {
    const client = await connectRaw(server);
    client.write(`GET /before HTTP/1.1\r\n${FIELDS}\r\n`);
    assert.equal((await client.response()).status, 200);
    client.write(`GET /ws HTTP/1.1\r\n${FIELDS}${HANDSHAKE}\r\n`);
    assert.equal((await client.response()).status, 101);
    client.destroy();
  });

  it('are refused after a request that is not answered yet, without mixing the answers', async () => {
    let release = () => {};
    upstream.on('/slow', (_request, response) => {
      release = () => void response.end('slow');
    });
    const client = await connectRaw(server);
    client.write(`GET /slow HTTP/1.1\r\n${FIELDS}\r\nGET /ws?hasty HTTP/1.1\r\n${FIELDS}${HANDSHAKE}\r\n`);
    await eventually('the request', () => upstream.saw('/slow').length > 0);
    release();
    assert.equal((await client.response()).body.toString(), 'slow');
    assert.equal((await client.response()).status, 400);
    await client.ended();
    assert.ok(!handshakes.some(({ url }) => url === '/ws?hasty'));
    client.destroy();
  });

  it('end at the upstream when the client leaves, and at the client when the upstream leaves', async () => {
    const leaving = open('/ws?leaving');
    await once(leaving, 'open');
    await eventually('the connection upstream', () => sockets.has('/ws?leaving'));
    leaving.terminate();
    await eventually('the end upstream', () => !sockets.has('/ws?leaving'));
    const left = open('/ws?left');
    left.on('error', () => {});
    await once(left, 'open');
    const closed = once(left, 'close');
    sockets.get('/ws?left')?.terminate();
    await closed;
  });
});

describe('WebSocket handshakes that are not accepted', { concurrency: true }, () => {
  it('get 401 without a credential and 403 without the permission, and never reach the upstream', async () => {
    const anonymous = await refusal('/ws?anonymous', { headers: {} });
    assert.equal(anonymous.status, 401);
    assert.match(anonymous.text, /unauthenticated/);
    const denied = await refusal('/ws?stranger', { headers: { 'x-api-key': stranger.key } });
    assert.equal(denied.status, 403);
    assert.ok(!handshakes.some(({ url }) => url === '/ws?anonymous' || url === '/ws?stranger'));
  });

  it('get the upstream’s own answer when it declines (§4.2.2, §4.4)', async () => {
    assert.deepEqual(await refusal('/other/declines'), { status: 426, text: 'other' });
    assert.deepEqual(await refusal('/other/plain'), { status: 200, text: 'not a WebSocket' });
  });

  it('let client and upstream agree on the version (§4.4)', async () => {
    const client = await connectRaw(server);
    client.write(`GET /other/declines HTTP/1.1\r\n${FIELDS}${HANDSHAKE.replace('13', '99')}\r\n`);
    const { status, headers } = await client.response();
    assert.equal(status, 426);
    assert.deepEqual(headers.get('sec-websocket-version'), ['13']);
    client.destroy();
  });

  it('get 502 when the upstream is down or closes the connection', async () => {
    assert.equal((await refusal('/down')).status, 502);
    assert.equal((await refusal('/other/hangs-up')).status, 502);
  });

  it('are disconnected when the upstream dies in the middle of its own answer (RFC 9112 §8)', async () => {
    const client = await connectRaw(server);
    client.write(`GET /other/dies HTTP/1.1\r\n${FIELDS}${HANDSHAKE}\r\n`);
    await client.ended();
    assert.match(client.received(), /403 Forbidden/);
    client.destroy();
  });

  for (const [index, what] of Object.keys(UNUSABLE).entries()) {
    it(`get 502 for ${what} (§4.1, RFC 9112 §4)`, async () => {
      const { status, text } = await refusal(`/other/unusable-${index}`);
      assert.equal(status, 502, text);
      assert.match(text, /upstream_failed/);
    });
  }

  it('get no second answer if the upstream’s own is malformed (RFC 9112 §8)', async () => {
    const client = await connectRaw(server);
    client.write(`GET /other/malformed HTTP/1.1\r\n${FIELDS}${HANDSHAKE}\r\n`);
    await client.ended();
    assert.match(client.received(), /^HTTP\/1\.1 403 Forbidden/);
    assert.doesNotMatch(client.received(), /502/);
    client.destroy();
  });

  it('end the upstream request when the client leaves before the answer', async () => {
    const client = await connectRaw(server);
    client.write(`GET /other/left-alone HTTP/1.1\r\n${FIELDS}${HANDSHAKE}\r\n`);
    await eventually('the handshake upstream', () => leftAlone === 'waiting');
    client.destroy();
    await eventually('the end upstream', () => leftAlone === 'ended');
  });

  const INCOMPLETE: Record<string, string> = {
    'without a key': HANDSHAKE.replace(/Sec-WebSocket-Key.*\r\n/, ''),
    'with a short key': HANDSHAKE.replace('dGhl', ''),
    'without a version': HANDSHAKE.replace(/Sec-WebSocket-Version.*\r\n/, ''),
    'without Connection: Upgrade': HANDSHAKE.replace('Connection: Upgrade', 'Connection: keep-alive'),
    'with a body': `${HANDSHAKE}Content-Length: 1\r\n`,
    'with two Upgrade fields': `${HANDSHAKE}Upgrade: websocket\r\n`,
  };
  for (const [what, fields] of Object.entries(INCOMPLETE)) {
    it(`get 400 ${what} (§4.2.1)`, async () => {
      const client = await connectRaw(server);
      client.write(`GET /ws?incomplete HTTP/1.1\r\n${FIELDS}${fields}\r\n`);
      assert.equal((await client.response()).status, 400);
      await client.ended();
      assert.ok(!handshakes.some(({ url }) => url === '/ws?incomplete'));
      client.destroy();
    });
  }

  it('get 400 in HTTP/1.0 and with another method than GET (§4.1)', async () => {
    for (const line of ['GET /ws HTTP/1.0', 'POST /ws HTTP/1.1']) {
      const client = await connectRaw(server);
      client.write(`${line}\r\n${FIELDS}${HANDSHAKE}\r\n`);
      assert.equal((await client.response()).status, 400);
      client.destroy();
    }
  });
});

// These use a separate server, because with short times, handshakes that wait for the processor would fail,
// too.
describe('a silent upstream', () => {
  let impatient: ServerUnderTest;
  before(async () => {
    const times = ['firstByte', 'stall'].map((name) => `gateway.timeouts.${name}=${WAIT_SECONDS}s`);
    impatient = await startServer({ upstream: upstream.origin, set: [routes, ...times] });
  });
  after(() => impatient.stop());

  async function handshake(target: string) {
    const { key } = await impatient.createKey(['admin']);
    const client = await connectRaw(impatient);
    client.write(`GET ${target} HTTP/1.1\r\nHost: localhost\r\nX-API-Key: ${key}\r\n${HANDSHAKE}\r\n`);
    const { status } = await client.response();
    return { status, client };
  }

  it('gives 504 when it does not answer a handshake', async () => {
    const { status, client } = await handshake('/other/silent');
    assert.equal(status, 504);
    client.destroy();
  });

  it('and a silent client are disconnected after the stall time, without a frame', async () => {
    const { status, client } = await handshake('/ws?silent');
    assert.equal(status, 101);
    const [openedAt, received] = [performance.now(), client.received()];
    await client.ended();
    assert.ok(performance.now() - openedAt > WAIT_SECONDS * 1000 * 0.75);
    assert.equal(client.received(), received);
    await eventually('the end upstream', () => !sockets.has('/ws?silent'));
    await eventually('the line with 504', () => impatient.accessLog().some(({ status }) => status === 504));
  });
});

describe('after all handshakes', () => {
  it('each handshake has its line in the access log, with the bytes that passed, and no worker has died', async () => {
    const echo = await eventually('the line of the echo', () =>
      server.accessLog().find(({ path, bytesOut }) => path === '/ws' && Number(bytesOut) > 1_000_000),
    );
    assert.equal(echo.status, 101);
    assert.equal(echo.decision, 'allowed');
    assert.ok(Number(echo.bytesIn) > 1_000_000);
    for (const status of [101, 400, 401, 403, 426, 499, 502]) {
      await eventually(`a line with ${status}`, () =>
        server.accessLog().some((line) => line.status === status),
      );
    }
    for (const worker of server.running.gateway.workers()) assert.equal(worker.restarts, 0);
  });
});

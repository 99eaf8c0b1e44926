// Servers that do not follow HTTP. Each answer is refused with a clear error, or read as the standard says
// (RFC 9112 §6.3). The next request never gets a part of it.
import assert from 'node:assert/strict';
import { getEventListeners, once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { client, createClient, proxy, RequestError, retry } from '../../src/index.ts';

const HEAD = 'HTTP/1.1 200 OK\r\n';
const CHUNKED = `${HEAD}transfer-encoding: chunked\r\n\r\n`;
const OF_THREE = 'content-length: 3\r\n\r\nabc';

const REFUSED: readonly (readonly [what: string, answer: string, code: string])[] = [
  ['two lengths', `${HEAD}content-length: 5\r\n${OF_THREE}`, 'protocol'],
  ['a list of lengths', `${HEAD}content-length: 3, 5\r\n\r\nabc`, 'protocol'],
  ['a negative length', `${HEAD}content-length: -3\r\n\r\nabc`, 'protocol'],
  ['a length that is not a decimal number', `${HEAD}content-length: 0x3\r\n\r\nabc`, 'protocol'],
  ['a length beyond all numbers', `${HEAD}content-length: ${'9'.repeat(30)}\r\n\r\nabc`, 'protocol'],
  ['a length and chunks', `${HEAD}transfer-encoding: chunked\r\n${OF_THREE}`, 'protocol'],
  ['a chunk without a size', `${CHUNKED}zz\r\nabc\r\n0\r\n\r\n`, 'protocol'],
  ['a chunk of a negative size', `${CHUNKED}-3\r\nabc\r\n0\r\n\r\n`, 'protocol'],
  ['a chunk beyond all numbers', `${CHUNKED}${'f'.repeat(20)}\r\nabc\r\n0\r\n\r\n`, 'protocol'],
  ['a chunk that is longer than its size', `${CHUNKED}3\r\nabcd\r\n0\r\n\r\n`, 'protocol'],
  ['lines without a carriage return', 'HTTP/1.1 200 OK\ncontent-length: 3\n\nabc', 'protocol'],
  ['a carriage return in a field', `${HEAD}x: a\rb\r\n${OF_THREE}`, 'protocol'],
  ['NUL in a field', `${HEAD}x: a\0b\r\n${OF_THREE}`, 'protocol'],
  ['a folded field', `${HEAD}x: a\r\n b\r\n${OF_THREE}`, 'protocol'],
  ['a space before the colon', `${HEAD}content-length : 3\r\n\r\nabc`, 'protocol'],
  ['a line that is not a field', `${HEAD}nonsense\r\n${OF_THREE}`, 'protocol'],
  ['a status of two digits', `HTTP/1.1 99 OK\r\n${OF_THREE}`, 'protocol'],
  ['a status of four digits', `HTTP/1.1 1000 OK\r\n${OF_THREE}`, 'protocol'],
  ['no header at all', 'abc', 'protocol'],
  ['an upgrade that was not asked for', 'HTTP/1.1 101 OK\r\nupgrade: x\r\n\r\nabc', 'protocol'],
  [
    'an upgrade of the connection',
    'HTTP/1.1 101 OK\r\nupgrade: x\r\nconnection: upgrade\r\n\r\nabc',
    'disconnected',
  ],
  ['a large field', `${HEAD}x: ${'a'.repeat(200_000)}\r\n${OF_THREE}`, 'limit'],
  ['many fields', `${HEAD}${'a: b\r\n'.repeat(60_000)}${OF_THREE}`, 'limit'],
  ['many trailers', `${CHUNKED}3\r\nabc\r\n0\r\n${'a: b\r\n'.repeat(60_000)}\r\n`, 'limit'],
  ['interim answers without an end', 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(100), 'protocol'],
  ['less than its length', `${HEAD}content-length: 30\r\n\r\nabc`, 'disconnected'],
];

const ACCEPTED: readonly (readonly [what: string, answer: string, content: string])[] = [
  [
    'one answer, followed by another that was not requested',
    `${HEAD}${OF_THREE}${HEAD}content-length: 3\r\n\r\nxyz`,
    'abc',
  ],
  ['a few interim answers first', `${'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(5)}${HEAD}${OF_THREE}`, 'abc'],
  ['an unknown status', `HTTP/1.1 999 OK\r\n${OF_THREE}`, 'abc'],
  [
    'an encoding of the message after chunks, up to the end',
    `${HEAD}transfer-encoding: chunked, x\r\n\r\nabc`,
    'abc',
  ],
  ['no content, whatever follows', `HTTP/1.1 204 No Content\r\n${OF_THREE}`, ''],
];

/** Answers each connection with these octets, and ends it. */
async function serve(t: TestContext, answer: string | Buffer): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () =>
      socket.end(typeof answer === 'string' ? Buffer.from(answer, 'latin1') : answer),
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

function clients(t: TestContext) {
  const [http, simple] = [client(), createClient()];
  t.after(() => Promise.all([http.close(), simple.close()]));
  return {
    byHttp: (url: string) =>
      http
        .request(url)
        .accepted([999])
        .then((response) => response.text()),
    bySimple: async (url: string) => text((await simple.request(url)).body),
    http,
  };
}

describe('a hostile server', () => {
  for (const [what, answer, code] of REFUSED) {
    test(`with ${what} is refused`, async (t) => {
      const url = await serve(t, answer);
      const { byHttp, bySimple } = clients(t);
      await assert.rejects(byHttp(url), (error) => {
        assert.ok(error instanceof RequestError, String(error));
        assert.equal(error.code, code, error.message);
        return true;
      });
      await assert.rejects(bySimple(url), { name: 'ClientError', code });
    });
  }

  for (const [what, answer, content] of ACCEPTED) {
    test(`with ${what}: only what the standard says is read`, async (t) => {
      const url = await serve(t, answer);
      const { byHttp, bySimple } = clients(t);
      assert.equal(await byHttp(url), content);
      assert.equal(await byHttp(url), content);
      assert.equal(await bySimple(url), content);
    });
  }

  for (const [what, octets] of [
    ['not what it says', Buffer.from('abc')],
    ['cut off', gzipSync('a'.repeat(10_000)).subarray(0, 20)],
  ] as const) {
    test(`with compressed content that is ${what} is refused with a clear error`, async (t) => {
      const head = `${HEAD}content-encoding: gzip\r\ncontent-length: ${octets.length}\r\n\r\n`;
      const url = await serve(t, Buffer.concat([Buffer.from(head), octets]));
      const { byHttp, http } = clients(t);
      const expected = {
        code: 'protocol',
        message: /does not have the encoding that the server states \(Content-Encoding: gzip\)/,
      };
      await assert.rejects(byHttp(url), expected);
      await assert.rejects(Array.fromAsync(http.get(url).sse()), expected);
    });
  }
});

const encoded = (name: string, octets: Buffer) => {
  const head = `${HEAD}content-encoding: ${name}\r\ncontent-length: ${octets.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), octets]);
};
const zeros = Buffer.alloc(20_000_000);

describe('an encoded answer', () => {
  for (const [name, octets, content] of [
    ['deflate', deflateSync('zlib'), 'zlib'],
    ['deflate', deflateRawSync('raw'), 'raw'],
    ['gzip', Buffer.concat([gzipSync('one'), gzipSync('two')]), 'onetwo'],
    ['zstd', Buffer.concat([zstdCompressSync('one'), zstdCompressSync('two')]), 'onetwo'],
    ...['gzip', 'deflate', 'br', 'zstd'].map((each) => [each, Buffer.alloc(0), ''] as const),
  ] as const) {
    test(`with ${name} gives ${JSON.stringify(content)}, as in browsers`, async (t) => {
      const { byHttp } = clients(t);
      assert.equal(await byHttp(await serve(t, encoded(name, octets))), content);
    });
  }

  for (const [name, octets] of [
    ['deflate', deflateRawSync(zeros)],
    ['br', brotliCompressSync(zeros, { params: { 1: 1 } })],
    ['zstd', zstdCompressSync(zeros)],
  ] as const) {
    test(`with ${name} that becomes far larger is refused, whole and as a stream`, async (t) => {
      const { byHttp, http } = clients(t);
      const url = await serve(t, encoded(name, octets));
      const expected = { name: 'LimitError', message: /times its compressed size/ };
      await assert.rejects(byHttp(url), expected);
      await assert.rejects(async () => Array.fromAsync(await http.get(url).stream()), expected);
    });
  }

  test('with deflate that is cut off is refused', async (t) => {
    const url = await serve(t, encoded('deflate', deflateRawSync('a'.repeat(10_000)).subarray(0, 20)));
    await assert.rejects(clients(t).byHttp(url), { name: 'ConnectError', code: 'protocol' });
  });
});

test('content without a length that ends with a reset was cut off (RFC 9112 §8)', async (t) => {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () =>
      socket.write(`${HEAD}\r\nabc`, () => setTimeout(() => socket.resetAndDestroy(), 20)),
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const { byHttp, bySimple } = clients(t);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  await assert.rejects(byHttp(url), { name: 'ConnectError', code: 'disconnected' });
  await assert.rejects(bySimple(url), { code: 'disconnected' });
});

describe('a request that its caller ends', () => {
  type Calling = (url: string, signal: AbortSignal) => Promise<unknown>;

  async function* endless() {
    for (;;) {
      yield Buffer.alloc(65_536);
      await setImmediate();
    }
  }
  let http = client();
  beforeEach(() => {
    // Nothing ends because its time is up.
    http = client({ timeouts: { connectSeconds: 600 } }).with(retry({ attempts: 9, baseSeconds: 60 }));
  });
  afterEach(() => http.close());
  /** What the server sends, and the call of the client. The connection ends at once, or with the client. */
  const PHASES: Readonly<Record<string, [answer: string, call: Calling, isOpenUntilClosed?: boolean]>> = {
    'during the handshake of TLS': [
      '',
      (url, signal) => http.get(url.replace('http:', 'https:'), { signal }),
      true,
    ],
    'while a proxy opens the tunnel': [
      '',
      (url, signal) => {
        http = http.with(proxy(url));
        return http.get('https://example.com/', { signal });
      },
      true,
    ],
    'while content is sent': [
      '',
      (url, signal) => http.post(url, { body: Readable.from(endless()), signal }),
    ],
    'while it waits for the answer': ['', (url, signal) => http.get(url, { signal })],
    'within the header of the answer': [HEAD, (url, signal) => http.get(url, { signal })],
    'within content that is read whole': [
      `${HEAD}content-length: 9\r\n\r\na`,
      (url, signal) => http.get(url, { signal }).text(),
    ],
    'within content that is read as a stream': [
      `${HEAD}content-length: 9\r\n\r\na`,
      async (url, signal) => text(await http.get(url, { signal }).stream()),
    ],
    'within events': [
      `${HEAD}content-length: 99\r\n\r\ndata: 1\n\n`,
      (url, signal) => Array.fromAsync(http.get(url, { signal }).sse()),
    ],
    'within content that no one reads': [
      `${HEAD}content-length: 9\r\n\r\na`,
      async (url, signal) => {
        const response = await http.get(url, { signal });
        await once(signal, 'abort');
        return response.text();
      },
    ],
    'while it waits for the next try': [
      'HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n',
      (url, signal) => http.get(url, { signal }),
      true,
    ],
  };

  for (const [phase, [answer, call, isOpenUntilClosed = false]] of Object.entries(PHASES)) {
    test(`${phase} rejects at once, and leaves no connection and no listener behind`, async (t) => {
      const sockets = new Set<Socket>();
      const reached = Promise.withResolvers<void>();
      const server = createServer((socket) => {
        sockets.add(socket.once('close', () => sockets.delete(socket)).on('error', () => {}));
        socket.once('data', () => {
          if (answer === '') reached.resolve();
          else socket.write(answer, () => setTimeout(reached.resolve, 20));
        });
      }).listen(0, '127.0.0.1');
      await once(server, 'listening');
      t.after(() => server.close());
      const controller = new AbortController();
      const calling = call(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, controller.signal);
      calling.catch(() => {});
      await reached.promise;
      const reason = new Error('no longer wanted');
      controller.abort(reason);
      await assert.rejects(calling, { name: 'AbortError', cause: reason });
      if (isOpenUntilClosed) await http.close();
      await Promise.all([...sockets].map((socket) => new Promise((closed) => socket.once('close', closed))));
      assert.equal(getEventListeners(controller.signal, 'abort').length, 0);
    });
  }
});

// The client against a plain server: the shape of `fetch`, limits of size and time, and where credentials may
// go.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { after, describe, type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib';
import {
  apiKey,
  basic,
  bearer,
  ConnectError,
  client,
  cookies,
  type HttpClientOptions,
  redactHeaders,
  retry,
  type TraceRecord,
  trace,
} from '../../src/index.ts';

const bomb = gzipSync(Buffer.alloc(20_000_000));
const encodings: Record<string, Buffer> = {
  gzip: gzipSync('compressed'),
  br: brotliCompressSync('compressed'),
  zstd: zstdCompressSync('compressed'),
  unknown: Buffer.from('compressed'),
};

const server = createServer(async (request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://x');
  const seen = `${request.method} ${await text(request)}`;
  if (pathname === '/echo') response.setHeader('x-type', request.headers['content-type'] ?? 'none').end(seen);
  if (pathname === '/fields') response.end(JSON.stringify(request.headers));
  if (pathname === '/bomb') response.setHeader('content-encoding', 'gzip').end(bomb);
  if (pathname === '/large') response.end(Buffer.alloc(100_000));
  if (pathname === '/to') response.writeHead(307, { location: searchParams.get('url') ?? '' }).end();
  if (pathname === '/cookie') response.setHeader('set-cookie', 'session=1; HttpOnly').end();
  if (pathname === '/drip') {
    const timer = setInterval(() => response.write('x'), 20);
    response.once('close', () => clearInterval(timer));
  }
  const encoded = encodings[pathname.slice(1)];
  if (encoded !== undefined) response.setHeader('content-encoding', pathname.slice(1)).end(encoded);
}).listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = server.address() as AddressInfo;
const site = `http://127.0.0.1:${port}`;
const other = `http://localhost:${port}`;
after(() => {
  server.close();
  server.closeAllConnections();
});

function open(t: TestContext, options?: HttpClientOptions) {
  const opened = client(options);
  t.after(() => opened.close());
  return opened;
}

describe('the client as fetch', () => {
  test('takes what fetch takes, and returns a Response', async (t) => {
    const http: typeof fetch = open(t);
    const response = await http(new Request(`${site}/echo`, { method: 'POST', body: 'from a Request' }));
    assert.ok(response instanceof Response);
    assert.equal(await response.clone().text(), 'POST from a Request');
    assert.equal(await (await http(`${site}/echo`, { method: 'PUT', body: 'x' })).text(), 'PUT x');
  });

  test('sends each kind of content with its type', async (t) => {
    const http = open(t, { baseUrl: site });
    const types: readonly (readonly [Parameters<typeof http.post>[1], string, string])[] = [
      [{ json: { a: 1 } }, 'application/json', '{"a":1}'],
      [{ form: { a: [1, 2] } }, 'application/x-www-form-urlencoded;charset=UTF-8', 'a=1&a=2'],
      [{ body: 'x' }, 'text/plain;charset=UTF-8', 'x'],
      [{ body: new Uint8Array([120]) }, 'none', 'x'],
      [{ body: new Blob(['x'], { type: 'a/b' }) }, 'a/b', 'x'],
      [{ body: Readable.from([Buffer.from('x')]) }, 'none', 'x'],
    ];
    for (const [options, type, content] of types) {
      const response = await http.post('/echo', options);
      assert.equal(response.headers.get('x-type'), type);
      assert.equal(await response.text(), `POST ${content}`);
    }
    await assert.rejects(http.post('/echo', { body: 'x', json: 1 }), /give one of body and json/);
  });

  test('a stream that was sent already is refused, and not sent as nothing', async (t) => {
    const http = open(t, { baseUrl: site });
    for (const stream of [Readable.from([Buffer.from('x')]), new Blob(['x']).stream()]) {
      assert.equal(await http.put('/echo', { body: stream }).text(), 'PUT x');
      const again = { name: 'TypeError', message: /has been read already: give a new one/ };
      await assert.rejects(async () => http.put('/echo', { body: stream }), again);
      const multipart = { file: { stream, filename: 'a' } };
      await assert.rejects(async () => http.put('/echo', { multipart }), again);
    }
    const wrong = http.post('/echo', { body: 'xyz', headers: { 'content-length': '1' } });
    await assert.rejects(wrong, { name: 'TypeError', message: /another length than its field/ });
  });

  test('a body is read once', async (t) => {
    const response = await open(t).get(`${site}/echo`);
    assert.equal(response.bodyUsed, false);
    await response.text();
    assert.equal(response.bodyUsed, true);
    await assert.rejects(response.text(), TypeError);
  });
});

describe('reading', () => {
  test('invalid JSON is an error with the server and the content type, but without the content', async (t) => {
    const http = open(t, { baseUrl: site });
    const page = http.post('/echo', { body: '<p>secret' }).json();
    await assert.rejects(page, (error) => {
      assert.ok(error instanceof ConnectError);
      assert.ok(error.cause instanceof SyntaxError);
      assert.equal(error.code, 'protocol');
      assert.match(
        error.message,
        /^the answer of http:\/\/127\.0\.0\.1:\d+ \(without a type\) is not JSON: /,
      );
      assert.doesNotMatch(error.message, /secret/);
      return true;
    });
    await assert.rejects(http.get('/cookie').json(), { name: 'ConnectError', message: /\(empty\)/ });
    await assert.rejects(Array.fromAsync(http.get('/echo').ndjson()), { name: 'ConnectError' });
  });

  test('a loop over events or lines that begins later gets the error then', async (t) => {
    const http = open(t);
    const [events, lines] = [http.get('http://127.0.0.1:1/').sse(), http.get('http://127.0.0.1:1/').ndjson()];
    await assert.rejects(http.get('http://127.0.0.1:1/'), ConnectError);
    await setImmediate(); // an unhandled rejection would end the test here
    await assert.rejects(events.next(), ConnectError);
    await assert.rejects(lines.next(), ConnectError);
  });
});

describe('limits', () => {
  for (const name of Object.keys(encodings)) {
    test(`decodes the encoding ${name}, or leaves it`, async (t) => {
      assert.equal(await open(t).get(`${site}/${name}`).text(), 'compressed');
    });
  }

  test('refuses a small answer that is large after decompression, also as a stream', async (t) => {
    await assert.rejects(open(t).get(`${site}/bomb`).bytes(), { name: 'LimitError', message: /200 times/ });
    const stream = await open(t).get(`${site}/bomb`).stream();
    await assert.rejects(text(stream), { code: 'limit' });
    const sized = open(t, { limits: { decodedBytes: 5000, ratio: 1e9 } });
    await assert.rejects(sized.get(`${site}/bomb`).bytes(), { name: 'LimitError', message: /5000 octets/ });
  });

  test('an answer that is read whole has a size limit; a stream has none', async (t) => {
    const http = open(t, { limits: { bodyBytes: 1000 } });
    await assert.rejects(http.get(`${site}/large`).bytes(), { name: 'LimitError', phase: 'body' });
    assert.equal((await text(await http.get(`${site}/large`).stream())).length, 100_000);
  });

  test('the time limit for the whole request ends slow content, but not a stream', async (t) => {
    const http = open(t, { timeouts: { totalSeconds: 0.1 } });
    await assert.rejects(http.get(`${site}/drip`).text(), { name: 'TimeoutError', phase: 'total' });
    const stream = await http.get(`${site}/drip`).stream();
    let size = 0;
    for await (const chunk of stream) {
      size += chunk.length;
      if (size > 10) break;
    }
    assert.ok(size > 10);
  });

  test("the caller's signal ends a request, with its reason as the cause", async (t) => {
    const reason = new Error('changed my mind');
    const http = open(t);
    await assert.rejects(http.get(site, { signal: AbortSignal.abort(reason) }), {
      name: 'AbortError',
      cause: reason,
    });
    const controller = new AbortController();
    const response = await http.get(`${site}/drip`, { signal: controller.signal });
    const reading = response.text();
    controller.abort(reason);
    await assert.rejects(reading, { name: 'AbortError', cause: reason });
  });
});

describe('content that is read piece by piece', () => {
  test('each piece is shown once, also of a compressed answer', async (t) => {
    for (const path of ['/large', '/gzip']) {
      const pieces: Buffer[] = [];
      const http = open(t);
      await http.get(site + path).each((piece) => pieces.push(Buffer.from(piece)));
      const expected = path === '/large' ? Buffer.alloc(100_000) : Buffer.from('compressed');
      assert.deepEqual(Buffer.concat(pieces), expected);
    }
  });

  test('an error of the reader ends the request', async (t) => {
    const failure = new Error('not what I want');
    const reading = open(t)
      .get(`${site}/large`)
      .each(() => {
        throw failure;
      });
    await assert.rejects(reading, failure);
  });
});

describe('trace', () => {
  test('reports each request on the network, and the connection that was opened for it', async (t) => {
    const records: TraceRecord[] = [];
    const http = open(t).with(trace((record) => records.push(record)));
    await http.get(`${site}/to?url=${other}/fields`).text();
    await http.get(`${site}/fields`).text();
    const [[to, fields] = [], [again] = []] = records.map(({ hops }) => hops);
    assert.deepEqual([to?.status, fields?.status, again?.status], [307, 200, 200]);
    assert.deepEqual([to?.url, fields?.url], [`${site}/to`, `${other}/fields`]);
    assert.equal(to?.connection?.address, '127.0.0.1');
    assert.equal(typeof fields?.connection?.dnsMs, 'number');
    assert.equal(again?.connection, undefined, 'the open connection was used');
    assert.ok((again?.waitMs ?? -1) >= 0 && (again?.waitMs ?? 0) <= (again?.durationMs ?? 0));
  });

  test('reports each repetition', async (t) => {
    const records: TraceRecord[] = [];
    const http = open(t).with(
      trace((record) => records.push(record)),
      retry({ baseSeconds: 0.001 }),
    );
    await assert.rejects(http.get('http://127.0.0.1:1/').text());
    assert.deepEqual(
      records[0]?.hops.map(({ attempt, status }) => [attempt, status]),
      [
        [1, undefined],
        [2, undefined],
        [3, undefined],
      ],
    );
  });
});

describe('credentials', () => {
  const secrets = ['authorization', 'cookie', 'x-api-key', 'x-session'];

  test('none goes to another origin after a redirect, except the cookies that the jar has for it', async (t) => {
    const http = open(t, { secretHeaders: ['x-session'] }).with(
      cookies(),
      basic({ username: 'a', password: 'b' }),
    );
    await http.get(`${site}/cookie`);
    const headers = { 'x-api-key': 'k', 'x-session': 's' };
    const fieldsAt = (url: string) => http.get(url, { headers }).json<Record<string, string>>();
    const here = await fieldsAt(`${site}/to?url=${site}/fields`);
    const there = await fieldsAt(`${site}/to?url=${other}/fields`);
    assert.deepEqual(
      secrets.filter((name) => name in here),
      secrets,
    );
    assert.deepEqual(
      secrets.filter((name) => name in there),
      [],
    );
  });

  test('a credential of one origin is not sent to another one, even if the caller asks for it', async (t) => {
    const http = open(t).with(bearer('secret'));
    await http.get(`${site}/fields`);
    await assert.rejects(http.get(`${other}/fields`), { name: 'AuthError', code: 'identity_origin' });
    const named = open(t).with(bearer('secret', { origin: site }));
    assert.equal('authorization' in (await named.get(`${other}/fields`).json<object>()), false);
  });

  test('none is sent over plain HTTP to another machine', async (t) => {
    for (const middleware of [bearer('s'), apiKey('s'), apiKey('s', { header: 'x-own' })]) {
      const sending = open(t).with(middleware).get('http://example.com/');
      await assert.rejects(sending, { name: 'AuthError', code: 'identity_plaintext' });
    }
    const byHand = open(t).get('http://example.com/', { headers: { authorization: 'Bearer s' } });
    await assert.rejects(byHand, { code: 'identity_plaintext' });
    await assert.rejects(open(t).get('http://a:b@127.0.0.1/'), /must not have a user name/);
  });

  test('a record and redacted fields have no secret', async (t) => {
    const records: unknown[] = [];
    const http = open(t).with(trace((record) => records.push(record)));
    await http.get(`${site}/echo?token=secret`, { headers: { authorization: 'Bearer secret' } });
    assert.equal(records.length, 1);
    assert.doesNotMatch(JSON.stringify(records), /secret/);
    const hidden = ['authorization', 'x-own', 'x-api-key', 'private-token', 'x-goog-api-key', 'set-cookie'];
    const fields = Object.fromEntries([...hidden, 'accept'].map((name) => [name, 'secret']));
    const shown = redactHeaders(fields, ['X-Own']);
    assert.deepEqual(
      Object.keys(shown).filter((name) => shown[name] === '[redacted]'),
      hidden.toSorted(),
    );
    assert.equal(shown.accept, 'secret');
  });
});

describe('public addresses only', () => {
  for (const url of [site, other, 'http://[::1]/', 'http://[::ffff:127.0.0.1]/', 'http://2130706433/']) {
    test(`refuses ${url.replace(String(port), 'PORT')}`, async (t) => {
      const guarded = open(t, { publicOnly: true });
      await assert.rejects(guarded.get(url), { name: 'ConnectError', code: 'forbidden_address' });
    });
  }
});

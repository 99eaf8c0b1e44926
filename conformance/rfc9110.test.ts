// HTTP semantics (RFC 9110) at the gateway: framing of answers without content, interim answers,
// expectations, fields that end at each hop, limits, and the gateway's own answers.
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { eventually } from './support/conditions.ts';
import { ask } from './support/https-client.ts';
import { connectRaw } from './support/raw-client.ts';
import { startServer } from './support/server-under-test.ts';
import type { RecordedRequest } from './support/upstreams.ts';
import { startRecordingUpstream } from './support/upstreams.ts';

const upstream = await startRecordingUpstream();
const server = await startServer({
  upstream: upstream.origin,
  set: ['gateway.maxBodyBytes=1000'],
});
const { key } = await server.createKey(['admin']);
const reader = await server.createKey(['user']);
after(() => Promise.all([server.stop(), upstream.close()]));

const FIELDS = `Host: localhost\r\nX-API-Key: ${key}\r\n`;

function head(method: string, target: string, fields = ''): string {
  return `${method} ${target} HTTP/1.1\r\n${FIELDS}${fields}\r\n`;
}

function seen(target: string): RecordedRequest {
  const [request] = upstream.saw(target);
  assert.ok(request, `${target} did not reach the upstream`);
  return request;
}

describe('answers without content', { concurrency: true }, () => {
  it('passes an answer to HEAD with its Content-Length and no content (RFC 9110 §9.3.2)', async () => {
    upstream.on('/head', (_request, response) => response.writeHead(200, { 'content-length': 12345 }).end());
    const client = await connectRaw(server);
    client.write(head('HEAD', '/head'));
    const { status, headers } = await client.response({ bodyless: true });
    assert.equal(status, 200);
    assert.deepEqual(headers.get('content-length'), ['12345']);
    client.write(head('GET', '/after-head'));
    assert.equal((await client.response()).body.toString(), 'reached GET /after-head');
    client.destroy();
  });

  it('passes an answer to HEAD without a length (RFC 9110 §9.3.2)', async () => {
    upstream.on('/head-chunked', (_request, response) => response.writeHead(200, { etag: '"a"' }).end());
    const client = await connectRaw(server);
    client.write(head('HEAD', '/head-chunked') + head('GET', '/after-head-chunked'));
    assert.deepEqual((await client.response({ bodyless: true })).headers.get('etag'), ['"a"']);
    assert.equal((await client.response()).body.toString(), 'reached GET /after-head-chunked');
    client.destroy();
  });

  it('passes 204 without any framing field (RFC 9110 §8.6, §15.3.5; RFC 9112 §6.1)', async () => {
    upstream.on('/no-content', (_request, response) => response.writeHead(204).end());
    const client = await connectRaw(server);
    client.write(head('DELETE', '/no-content') + head('GET', '/after-no-content'));
    const { status, headers } = await client.response();
    assert.equal(status, 204);
    assert.equal(headers.get('content-length'), undefined);
    assert.equal(headers.get('transfer-encoding'), undefined);
    assert.equal((await client.response()).body.toString(), 'reached GET /after-no-content');
    client.destroy();
  });

  it('passes 304 with its validators and no content (RFC 9110 §15.4.5)', async () => {
    upstream.on('/not-modified', (request, response) => {
      const { 'if-none-match': etag } = request.headers;
      response.writeHead(304, { etag, 'content-length': 999 }).end();
    });
    const client = await connectRaw(server);
    client.write(
      head('GET', '/not-modified', 'If-None-Match: "v1"\r\n') + head('GET', '/after-not-modified'),
    );
    const { status, headers } = await client.response();
    assert.equal(status, 304);
    assert.deepEqual(headers.get('etag'), ['"v1"']);
    assert.equal(headers.get('transfer-encoding'), undefined);
    assert.equal((await client.response()).body.toString(), 'reached GET /after-not-modified');
    client.destroy();
  });

  it('passes ranges and their answers unchanged (RFC 9110 §14)', async () => {
    upstream.on('/range', (request, response) => {
      assert.equal(request.headers.range, 'bytes=2-4');
      response.writeHead(206, { 'content-range': 'bytes 2-4/10', 'content-length': 3 }).end('cde');
    });
    const answer = await ask({
      ...server,
      path: '/range',
      headers: { 'x-api-key': key, range: 'bytes=2-4' },
    });
    assert.equal(answer.status, 206);
    assert.equal(answer.headers['content-range'], 'bytes 2-4/10');
    assert.equal(answer.text(), 'cde');
  });
});

describe('interim answers', { concurrency: true }, () => {
  it('passes 103 Early Hints before the answer (RFC 8297 §2)', async () => {
    upstream.on('/early', (_request, response) => {
      response.writeEarlyHints({ link: ['</a.css>; rel=preload', '</b.js>; rel=preload'] });
      response.writeProcessing();
      setImmediate(() => response.end('final'));
    });
    const client = await connectRaw(server);
    client.write(head('GET', '/early'));
    const hints = await client.response();
    assert.equal(hints.status, 103);
    assert.match(hints.headers.get('link')?.join() ?? '', /a\.css.*b\.js/);
    assert.equal((await client.response()).status, 102);
    const final = await client.response();
    assert.equal(final.status, 200);
    assert.equal(final.body.toString(), 'final');
    client.destroy();
  });

  it('sends no 1xx to an HTTP/1.0 client (RFC 9110 §15.2)', async () => {
    const client = await connectRaw(server);
    client.write(`GET /early HTTP/1.0\r\n${FIELDS}\r\n`);
    await client.ended();
    assert.equal((await client.response()).status, 200);
    client.destroy();
  });
});

describe('expectations (RFC 9110 §10.1.1)', { concurrency: true }, () => {
  const EXPECTING = 'Expect: 100-continue\r\nContent-Length: 5\r\n';

  it('sends 100 Continue once the request is authorised, and does not forward the expectation', async () => {
    const client = await connectRaw(server);
    client.write(head('POST', '/expecting', EXPECTING));
    assert.equal((await client.response()).status, 100);
    client.write('hello');
    assert.equal((await client.response()).status, 200);
    assert.equal(seen('/expecting').body.toString(), 'hello');
    assert.equal(seen('/expecting').headers.expect, undefined);
    client.write(head('GET', '/after-expecting'));
    assert.equal((await client.response()).status, 200);
    client.destroy();
  });

  it('serves a client that does not wait for 100 Continue', async () => {
    const client = await connectRaw(server);
    client.write(`${head('POST', '/impatient', EXPECTING)}hello`);
    let answer = await client.response();
    if (answer.status === 100) answer = await client.response();
    assert.equal(answer.status, 200);
    assert.equal(seen('/impatient').body.toString(), 'hello');
    client.destroy();
  });

  for (const [who, credential, status] of [
    ['an anonymous client', '', 401],
    ['a caller without the permission', `X-API-Key: ${reader.key}\r\n`, 403],
  ] as const) {
    it(`answers ${who} with ${status} and without 100 Continue, and never reads the body`, async () => {
      const client = await connectRaw(server);
      client.write(`POST /expecting-denied HTTP/1.1\r\nHost: localhost\r\n${credential}${EXPECTING}\r\n`);
      const answer = await client.response();
      assert.equal(answer.status, status);
      assert.deepEqual(answer.headers.get('connection'), ['close']);
      await client.ended();
      assert.deepEqual(upstream.saw('/expecting-denied'), []);
      client.destroy();
    });
  }

  it('answers 413 without 100 Continue if the announced body is too large', async () => {
    const client = await connectRaw(server);
    client.write(head('POST', '/expecting-large', 'Expect: 100-continue\r\nContent-Length: 1001\r\n'));
    assert.equal((await client.response()).status, 413);
    assert.deepEqual(upstream.saw('/expecting-large'), []);
    client.destroy();
  });

  for (const expectation of ['wonders', 'x 100-continue y', 'wonders, 100-continue', '100-continue=1']) {
    it(`answers 417 to any other expectation: ${expectation}`, async () => {
      const client = await connectRaw(server);
      client.write(head('POST', '/expecting-wonders', `Expect: ${expectation}\r\nContent-Length: 5\r\n`));
      assert.equal((await client.response()).status, 417);
      await client.ended();
      assert.deepEqual(upstream.saw('/expecting-wonders'), []);
      client.destroy();
    });
  }

  it('accepts 100-continue in upper and lower case', async () => {
    const client = await connectRaw(server);
    client.write(head('POST', '/expecting-loudly', 'Expect: 100-CONTINUE\r\nContent-Length: 5\r\n'));
    assert.equal((await client.response()).status, 100);
    client.write('hello');
    assert.equal((await client.response()).status, 200);
    client.destroy();
  });

  it('ignores the expectation of an HTTP/1.0 client', async () => {
    const client = await connectRaw(server);
    client.write(`POST /expecting-old HTTP/1.0\r\n${FIELDS}${EXPECTING}\r\nhello`);
    await client.ended();
    assert.equal((await client.response()).status, 200);
    assert.equal(seen('/expecting-old').body.toString(), 'hello');
    client.destroy();
  });
});

describe('fields that end at each hop (RFC 9110 §7.6.1)', { concurrency: true }, () => {
  const HOP_BY_HOP = {
    'Keep-Alive': 'timeout=1',
    'Proxy-Connection': 'keep-alive',
    'Proxy-Authorization': 'Basic eDp5',
    TE: 'trailers',
    Trailer: 'X-T',
  };

  it('removes them from requests, with the fields that Connection names', async () => {
    const client = await connectRaw(server);
    const fields = {
      ...HOP_BY_HOP,
      Connection: 'keep-alive, X-Nominated',
      'X-Nominated': 'a',
      'X-Passed': 'b',
    };
    client.write(
      head(
        'GET',
        '/hop-in',
        Object.entries(fields)
          .map((field) => `${field.join(': ')}\r\n`)
          .join(''),
      ),
    );
    assert.equal((await client.response()).status, 200);
    client.destroy();
    const { headers: reached } = seen('/hop-in');
    for (const name of [...Object.keys(HOP_BY_HOP), 'X-Nominated'])
      assert.equal(reached[name.toLowerCase()], undefined, name);
    assert.equal(reached['x-passed'], 'b');
  });

  it('does not let Connection remove fields that the recipient needs', async () => {
    const client = await connectRaw(server);
    const fields =
      'Connection: content-length, Content-Type, Host, X-Forwarded-For, Gatehouse-Assertion, close\r\n';
    client.write(head('POST', '/stripping', `${fields}Content-Type: text/plain\r\nContent-Length: 5\r\n`));
    client.write('hello');
    assert.equal((await client.response()).status, 200);
    const { headers, body } = seen('/stripping');
    assert.equal(body.toString(), 'hello');
    assert.equal(headers['content-type'], 'text/plain');
    assert.equal(headers['x-forwarded-for'], '127.0.0.1');
    assert.ok(headers['gatehouse-assertion']);
    client.destroy();
  });

  it('removes them from answers, with the fields that Connection names', async () => {
    upstream.on('/hop-back', (_request, response) => {
      response.writeHead(200, {
        Connection: 'X-Nominated',
        'X-Nominated': 'a',
        'Keep-Alive': 'timeout=777',
        'Proxy-Authenticate': 'Basic',
        Upgrade: 'h2c',
        'X-Passed': 'b',
      });
      response.end();
    });
    const { headers } = await ask({ ...server, path: '/hop-back', headers: { 'x-api-key': key } });
    for (const name of ['x-nominated', 'proxy-authenticate', 'upgrade'])
      assert.equal(headers[name], undefined, name);
    assert.notEqual(headers['keep-alive'], 'timeout=777');
    assert.equal(headers['x-passed'], 'b');
  });

  it('passes fields with several values separately and in order (RFC 9110 §5.3)', async () => {
    upstream.on('/cookies', (_request, response) => {
      response.setHeader('set-cookie', ['a=1; Path=/', 'b=2', 'a=3']);
      response.end();
    });
    const { headers } = await ask({
      ...server,
      path: '/cookies',
      headers: { 'x-api-key': key, 'x-list': ['1', '2'] },
    });
    assert.deepEqual(headers['set-cookie'], ['a=1; Path=/', 'b=2', 'a=3']);
    assert.equal(seen('/cookies').headers['x-list'], '1, 2');
  });

  it('adds itself to Via after the earlier hops (RFC 9110 §7.6.3)', async () => {
    await ask({ ...server, path: '/via', headers: { 'x-api-key': key, via: '1.0 other' } });
    assert.equal(seen('/via').headers.via, '1.0 other, 1.1 gatehouse');
  });
});

describe('Location (RFC 9110 §10.2.2)', { concurrency: true }, () => {
  const cases = {
    'the upstream’s own origin becomes ours': [
      `${upstream.origin}/new?a=b`,
      'https://localhost:PORT/new?a=b',
    ],
    'the upstream’s bare origin becomes ours': [upstream.origin, 'https://localhost:PORT'],
    'a relative reference stays': ['/new', '/new'],
    'another origin stays': ['https://other.example/new', 'https://other.example/new'],
    'an origin that only begins like the upstream’s stays': [
      `${upstream.origin}0/new`,
      `${upstream.origin}0/new`,
    ],
    'an origin hidden as user information stays': [
      `${upstream.origin}@other.example/`,
      `${upstream.origin}@other.example/`,
    ],
  };
  for (const [index, [title, [sent = '', expected = '']]] of Object.entries(cases).entries()) {
    it(title, async () => {
      const path = `/location-${index}`;
      upstream.on(path, (_request, response) => response.writeHead(302, { location: sent }).end());
      const { headers } = await ask({ ...server, path, headers: { 'x-api-key': key } });
      assert.equal(headers.location, expected.replace('PORT', String(server.port)));
    });
  }
});

describe('request bodies', { concurrency: true }, () => {
  it('answers 413 to a Content-Length above the limit before anything is forwarded (RFC 9110 §15.5.14)', async () => {
    const answer = await ask({
      ...server,
      path: '/too-large',
      method: 'POST',
      headers: { 'x-api-key': key },
      body: Buffer.alloc(1001),
    });
    assert.equal(answer.status, 413);
    assert.equal(answer.json().code, 'content_too_large');
    assert.deepEqual(upstream.saw('/too-large'), []);
  });

  it('answers 413 if chunks exceed the limit, and aborts the request to the upstream (RFC 9110 §15.5.14)', async () => {
    const client = await connectRaw(server);
    client.write(head('POST', '/too-many-chunks', 'Transfer-Encoding: chunked\r\n'));
    client.write(`1f4\r\n${'a'.repeat(500)}\r\n`);
    await eventually('the first chunk', () => upstream.saw('/too-many-chunks')[0]?.body.length === 500);
    client.write(`1f5\r\n${'a'.repeat(501)}\r\n0\r\n\r\n`);
    assert.equal((await client.response()).status, 413);
    await client.ended();
    await eventually('the end upstream', () => seen('/too-many-chunks').aborted);
    client.destroy();
  });

  it('passes a body of exactly the limit', async () => {
    const body = Buffer.alloc(1000, 'a');
    const answer = await ask({
      ...server,
      path: '/just',
      method: 'PUT',
      headers: { 'x-api-key': key },
      body,
    });
    assert.equal(answer.status, 200);
    assert.equal(seen('/just').body.length, 1000);
  });

  for (const method of ['GET', 'DELETE', 'OPTIONS']) {
    it(`passes the body of ${method} (RFC 9110 §9.3.1)`, async () => {
      const body = `body of ${method}`;
      const headers = { 'x-api-key': key, 'content-length': body.length };
      const answer = await ask({ ...server, path: `/body-of-${method}`, method, headers, body });
      assert.equal(answer.status, 200);
      assert.equal(seen(`/body-of-${method}`).body.toString(), body);
    });
  }

  it('passes an empty body with its Content-Length (RFC 9110 §8.6)', async () => {
    await ask({
      ...server,
      path: '/empty',
      method: 'POST',
      headers: { 'x-api-key': key, 'content-length': 0 },
    });
    assert.equal(seen('/empty').headers['content-length'], '0');
  });
});

describe('the gateway’s own answers', { concurrency: true }, () => {
  it('lists the allowed methods in every 405 (RFC 9110 §15.5.6)', async () => {
    const { status, headers } = await ask({ ...server, path: '/', method: 'TRACE' });
    assert.equal(status, 405);
    assert.equal(headers.allow, 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS');
  });

  it('challenges with every 401 (RFC 9110 §11.6.1, RFC 6750 §3)', async () => {
    const bare = await ask({ ...server, path: '/anonymous' });
    assert.equal(bare.status, 401);
    assert.match(
      bare.headers['www-authenticate'] ?? '',
      /^Bearer realm="gatehouse", DPoP algs="[A-Za-z0-9 ]+", ApiKey realm="gatehouse"$/,
    );
    const wrong = await ask({ ...server, path: '/anonymous', headers: { authorization: 'Bearer a.b.c' } });
    assert.equal(wrong.status, 401);
    assert.match(wrong.headers['www-authenticate'] ?? '', /^Bearer .*error="invalid_token"/);
  });

  it('are problems with the request’s id, never stored (RFC 9457 §3, RFC 9111 §5.2.2.5)', async () => {
    const { headers, json } = await ask({ ...server, path: '/anonymous' });
    assert.equal(headers['content-type'], 'application/problem+json');
    assert.equal(headers['cache-control'], 'no-store');
    assert.equal(json().request_id, headers['x-request-id']);
    assert.equal(json().status, 401);
  });

  it('have no content for HEAD, and the connection continues (RFC 9110 §9.3.2)', async () => {
    const client = await connectRaw(server);
    client.write(`HEAD /anonymous HTTP/1.1\r\nHost: localhost\r\n\r\n${head('GET', '/after-denied-head')}`);
    assert.equal((await client.response({ bodyless: true })).status, 401);
    assert.equal((await client.response()).status, 200);
    client.destroy();
  });

  it('have a Date, and the upstream’s Date does not change (RFC 9110 §6.6.1)', async () => {
    const date = 'Tue, 15 Nov 1994 08:12:31 GMT';
    upstream.on('/dated', (_request, response) => response.writeHead(200, { date }).end());
    assert.ok((await ask({ ...server, path: '/anonymous' })).headers.date);
    assert.equal(
      (await ask({ ...server, path: '/dated', headers: { 'x-api-key': key } })).headers.date,
      date,
    );
  });

  it('have the id of the request, even if the upstream sends another', async () => {
    upstream.on('/ids', (_request, response) => response.writeHead(200, { 'x-request-id': 'theirs' }).end());
    const headers = { 'x-api-key': key, 'x-request-id': 'mine' };
    const answer = await ask({ ...server, path: '/ids', headers });
    assert.match(String(answer.headers['x-request-id']), /^[0-9a-f-]{36}$/);
    assert.equal(seen('/ids').headers['x-request-id'], answer.headers['x-request-id']);
  });
});

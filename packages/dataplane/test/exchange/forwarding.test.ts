// Requests through a whole engine, from a raw client to a Node server (RFC 9110, RFC 9112).
import assert from 'node:assert/strict';
import type { IncomingMessage, RequestListener } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { GatehouseError } from '@gatehouse/access';
import { admitted, startEngine, talk } from '../support/engine.ts';

async function upstream(t: TestContext, listener: RequestListener): Promise<number> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const part of request.setEncoding('latin1')) body += part;
  return body;
}

const echo: RequestListener = async (request, response) => {
  const body = await bodyOf(request);
  response.setHeader('X-Method', request.method ?? '');
  response.end(`${request.url} ${body}`);
};

test('a GET and a POST pass, and the connection stays open for both', async (t) => {
  const { port, records } = await startEngine(t, { upstream: await upstream(t, echo) });
  const answer = await talk(port, [
    'GET /a?b HTTP/1.1\r\nHost: localhost\r\n\r\n',
    'POST /c HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello',
  ]);
  const [, first, second] = answer.split('HTTP/1.1 200 OK\r\n');
  assert.match(first ?? '', /\r\n\r\n\/a\?b $/);
  assert.match(first ?? '', /Date: .*GMT\r\n/);
  assert.match(second ?? '', /X-Method: POST\r\n/);
  assert.match(second ?? '', /Connection: close\r\n/);
  assert.match(second ?? '', /\r\n\r\n\/c hello$/);
  assert.deepEqual(
    records.map(({ method, path, status, bytesIn, bytesOut }) => [method, path, status, bytesIn, bytesOut]),
    [
      ['GET', '/a', 200, 0, 5],
      ['POST', '/c', 200, 5, 8],
    ],
  );
});

test('pipelined requests are answered in order (RFC 9112 §9.3.2)', async (t) => {
  let running = 0;
  let most = 0;
  const port = await upstream(t, async (request, response) => {
    running += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => setTimeout(resolve, 10));
    running -= 1;
    response.end(request.url);
  });
  const engine = await startEngine(t, { upstream: port });
  const requests = [1, 2, 3, 4].map(
    (number) => `GET /${number} HTTP/1.1\r\nHost: a\r\n${number === 4 ? 'Connection: close\r\n' : ''}\r\n`,
  );
  const answer = await talk(engine.port, requests.join(''));
  assert.deepEqual(answer.match(/^\/\d/gm), ['/1', '/2', '/3', '/4']);
  assert.equal(most, 1);
});

test('a chunked body passes with its trailers, in both directions', async (t) => {
  let trailers: unknown;
  const port = await upstream(t, async (request, response) => {
    const body = await bodyOf(request);
    trailers = request.trailers;
    response.writeHead(200, { Trailer: 'X-Sum' });
    response.write(body);
    response.addTrailers({ 'X-Sum': '9' });
    response.end();
  });
  const engine = await startEngine(t, { upstream: port });
  const answer = await talk(engine.port, [
    'POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel',
    'lo\r\n4\r\n you\r\n0\r\nX-Check: 7\r\nCookie: a=b\r\n\r\n',
  ]);
  assert.deepEqual({ ...(trailers as object) }, { 'x-check': '7' });
  assert.match(answer, /\r\n\r\n9\r\nhello you\r\n0\r\nX-Sum: 9\r\n\r\n$/);
});

test('a large body passes both ways', async (t) => {
  const size = 8 * 1024 * 1024;
  const port = await upstream(t, async (request, response) => {
    let received = 0;
    for await (const part of request) received += part.length;
    response.writeHead(200, { 'X-Received': received });
    Readable.from([Buffer.alloc(size, 'x')]).pipe(response);
  });
  const engine = await startEngine(t, { upstream: port });
  const response = await fetch(`http://127.0.0.1:${engine.port}/`, {
    method: 'POST',
    body: Buffer.alloc(size, 'y'),
  });
  assert.equal(response.headers.get('x-received'), String(size));
  assert.equal((await response.arrayBuffer()).byteLength, size);
});

test('HTTP/1.0 gets an answer without chunks that ends with the connection', async (t) => {
  const port = await upstream(t, (_request, response) => {
    response.write('one');
    response.end('two');
  });
  const engine = await startEngine(t, { upstream: port });
  const answer = await talk(engine.port, 'GET / HTTP/1.0\r\n\r\n');
  assert.match(answer, /Connection: close\r\n/);
  assert.doesNotMatch(answer, /Transfer-Encoding/);
  assert.match(answer, /\r\n\r\nonetwo$/);
});

test('HEAD and 304 have no body, but a length', async (t) => {
  const port = await upstream(t, (_request, response) => {
    response.setHeader('Content-Length', 1000);
    response.end();
  });
  const engine = await startEngine(t, { upstream: port });
  const answer = await talk(
    engine.port,
    'HEAD / HTTP/1.1\r\nHost: a\r\n\r\nHEAD /b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
  );
  assert.equal(answer.match(/Content-Length: 1000\r\n/g)?.length, 2);
  assert.equal(answer.match(/HTTP\/1.1 200/g)?.length, 2);
});

test('a refusal is a problem, also after a slow admission', async (t) => {
  const refuse = () => {
    throw new GatehouseError('unauthenticated', 'Say who you are.');
  };
  for (const admit of [refuse, async () => refuse()]) {
    const { port, records } = await startEngine(t, { upstream: 1, admission: { admit } });
    const answer = await talk(port, 'GET /x?secret HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    assert.match(answer, /^HTTP\/1.1 401 Unauthorized\r\nContent-Type: application\/problem\+json\r\n/);
    assert.match(answer, /WWW-Authenticate: Bearer\r\n/);
    assert.match(answer, /"detail":"Say who you are."/);
    assert.deepEqual(
      [records[0]?.status, records[0]?.path, records[0]?.reason],
      [401, '/x', 'unauthenticated'],
    );
  }
});

test('a malformed request is refused and logged, and ends the connection', async (t) => {
  const { port, records } = await startEngine(t, { upstream: 1 });
  const answer = await talk(port, 'GET / HTTP/1.1\r\nHost : a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n');
  assert.equal(answer.match(/HTTP\/1.1 /g)?.length, 1);
  assert.match(answer, /^HTTP\/1.1 400 Bad Request\r\n/);
  assert.equal(records.length, 1);
});

test('an upstream that cannot be reached is a 502', async (t) => {
  const { port, records } = await startEngine(t, { upstream: 1 });
  const answer = await talk(port, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  assert.match(answer, /^HTTP\/1.1 502 Bad Gateway\r\n/);
  assert.match(records[0]?.reason ?? '', /^upstream_failed: .*ECONNREFUSED/);
});

test('a 503 and a 501 of the gateway itself are not logged as failures of an upstream', async (t) => {
  const events: [name: string, fields: unknown][] = [];
  const engine = await startEngine(t, {
    upstream: 1,
    log: { event: (name, fields) => void events.push([name, fields]) },
    admission: {
      admit(state) {
        const code = state.request.target === '/' ? 'unavailable' : 'method_not_implemented';
        state.isChecked = true;
        state.reason = 'unauthenticated';
        throw new GatehouseError(code, 'The request cannot be recorded.');
      },
    },
  });
  const answer = await talk(
    engine.port,
    'GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
  );
  assert.deepEqual(answer.match(/HTTP\/1.1 \d+/g), ['HTTP/1.1 503', 'HTTP/1.1 501']);
  const requestId = /X-Request-Id: (.*)\r\n/.exec(answer)?.[1];
  const reason = 'The request cannot be recorded.';
  assert.deepEqual(events, [['gateway.unavailable', { reason, requestId }]]);
});

test('100 Continue is sent when the request is admitted, and not before a refusal (RFC 9110 §10.1.1)', async (t) => {
  const engine = await startEngine(t, { upstream: await upstream(t, echo), maxBodyBytes: 10 });
  const head = (length: number) =>
    `POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: ${length}\r\n\r\n`;
  const taken = await talk(engine.port, [head(5), 'hello']);
  assert.match(taken, /^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 200 OK\r\n/);
  const refused = await talk(engine.port, [head(11)]);
  assert.match(refused, /^HTTP\/1.1 413 /);
});

test('an answer that repeats the previous one is adapted to each request', async (t) => {
  const redirect: RequestListener = (request, response) => {
    response.writeHead(200, {
      Location: `http://127.0.0.1:${request.socket.localPort}/there`,
      Date: 'today',
    });
    response.end();
  };
  const { port } = await startEngine(t, { upstream: await upstream(t, redirect) });
  const answer = await talk(port, [
    'GET / HTTP/1.1\r\nHost: one\r\n\r\n',
    'GET / HTTP/1.1\r\nHost: two\r\n\r\n',
    'GET / HTTP/1.1\r\nHost: two\r\n\r\n',
    'GET / HTTP/1.1\r\nHost: one\r\nConnection: close\r\n\r\n',
  ]);
  const places = [...answer.matchAll(/Location: (.*)\r\n/g)].map(([, place]) => place);
  assert.deepEqual(places, [
    'https://one/there',
    'https://two/there',
    'https://two/there',
    'https://one/there',
  ]);
  const ids = [...answer.matchAll(/X-Request-Id: (.*)\r\n/g)].map(([, id]) => id);
  assert.equal(new Set(ids).size, 4);
});

test('admission decides for each request whether its credential is forwarded, also for equal requests', async (t) => {
  const origin = await upstream(t, (request, response) => response.end(`[${request.headers.authorization}]`));
  let isOwn = false;
  const { port } = await startEngine(t, {
    upstream: origin,
    admission: {
      admit(state) {
        state.decision = 'allowed';
        const ours = isOwn;
        isOwn = !isOwn;
        return admitted(origin, state.request.target, { isOwnCredential: () => ours });
      },
    },
  });
  const request = 'GET / HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer x\r\n\r\n';
  const last = request.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n');
  const answer = await talk(port, [request, request, request, last]);
  const seen = answer.match(/\[.*?\]/g);
  assert.deepEqual(seen, ['[Bearer x]', '[undefined]', '[Bearer x]', '[undefined]']);
});

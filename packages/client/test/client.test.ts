// The client against a plain HTTP server: requests, answers, and refusals before anything is sent.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { after, before, describe, type TestContext, test } from 'node:test';
import { type Client, ClientError, type ClientOptions, createClient } from '../src/index.ts';

describe('a client over plain HTTP', () => {
  let server: Server;
  let base: string;
  let client: Client;

  before(async () => {
    server = createServer((request, response) => void answer(request, response)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    client = createClient();
  });

  after(async () => {
    await client.close();
    server.close();
  });

  test('sends the method, the headers and a streamed body, and returns a stream', async () => {
    const response = await client.request(`${base}/echo?a=1`, {
      method: 'PUT',
      headers: { 'x-colour': 'blue' },
      body: Readable.from([Buffer.from('one '), Buffer.from('two')]),
    });
    assert.equal(response.status, 200);
    assert.equal(response.headers['x-seen'], 'PUT /echo?a=1 blue');
    assert.equal(await text(response.body), 'one two');
  });

  test('returns every octet of a body unchanged', async () => {
    const octets = Buffer.from(Array.from({ length: 70_000 }, (_, index) => index % 256));
    const response = await client.request(`${base}/echo`, { method: 'POST', body: octets });
    assert.deepEqual(await buffer(response.body), octets);
  });

  test('does not follow a redirect (RFC 9110 §15.4)', async () => {
    const response = await client.request(`${base}/redirect`);
    assert.equal(response.status, 302);
    assert.equal(response.headers.location, '/echo');
    response.body.resume();
  });

  test('sends an API key as X-API-Key and a token as Bearer (RFC 6750 §2.1)', async (t) => {
    const expected = [
      [{ kind: 'apiKey', key: 'ghk_1_s_c' } as const, 'x-api-key: ghk_1_s_c'],
      [{ kind: 'bearer', token: 'abc' } as const, 'authorization: Bearer abc'],
    ] as const;
    for (const [identity, line] of expected) {
      const identified = open(t, { identity });
      const response = await identified.request(`${base}/identity`);
      assert.equal(await text(response.body), line);
    }
  });

  test('never sends an identity to a second origin', async (t) => {
    const identified = open(t, { identity: { kind: 'apiKey', key: 'secret-key' } });
    (await identified.request(`${base}/identity`)).body.resume();
    await assert.rejects(identified.request(base.replace('127.0.0.1', 'localhost')), (error) => {
      assert.ok(error instanceof ClientError);
      assert.equal(error.code, 'identity_origin');
      assert.doesNotMatch(error.message, /secret-key/);
      return true;
    });
  });

  test('reports a server that does not begin its answer as a timeout', async (t) => {
    const hurried = open(t, { timeouts: { headersSeconds: 0.2 } });
    await assert.rejects(hurried.request(`${base}/silent`), { name: 'ClientError', code: 'timeout' });
  });

  test('reports a server that stops in the middle of a body as a timeout', async (t) => {
    const hurried = open(t, { timeouts: { bodySeconds: 0.2 } });
    const response = await hurried.request(`${base}/stall`);
    await assert.rejects(text(response.body), { name: 'ClientError', code: 'timeout' });
  });

  test('reports a body that ends too early (RFC 9112 §8)', async () => {
    const response = await client.request(`${base}/cut`);
    await assert.rejects(text(response.body), { name: 'ClientError', code: 'disconnected' });
  });

  test('rejects with the reason of the signal that aborted it', async () => {
    const controller = new AbortController();
    const pending = client.request(`${base}/silent`, { signal: controller.signal });
    setTimeout(() => controller.abort(new Error('changed my mind')), 50);
    await assert.rejects(pending, { message: 'changed my mind' });
  });

  test('rejects with the error of a request body', async () => {
    const body = Readable.from(
      (async function* () {
        yield Buffer.from('first');
        throw new Error('the disk went away');
      })(),
    );
    await assert.rejects(client.request(`${base}/echo`, { method: 'POST', body }), {
      message: 'the disk went away',
    });
  });
});

describe('a client that cannot or may not send', () => {
  test('reports a refused connection', async (t) => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    const client = open(t);
    await assert.rejects(client.request(`http://127.0.0.1:${port}/`), (error) => {
      assert.ok(error instanceof ClientError);
      assert.equal(error.code, 'connect');
      assert.match(error.message, /nothing listens there; check the port/);
      return true;
    });
  });

  test('reports a missing Unix socket', async (t) => {
    const client = open(t, { socketPath: '/nonexistent/gatehouse.sock' });
    await assert.rejects(client.request('http://localhost/'), { name: 'ClientError', code: 'connect' });
  });

  test('suggests https:// if plain HTTP gets no answer, except over a Unix socket', async (t) => {
    const server = createTcpServer((socket) => socket.once('data', () => socket.end()));
    t.after(() => server.close());
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const expected = { code: 'disconnected', message: /without an answer: did you mean https:\/\/\?/ };
    await assert.rejects(open(t).request(url), expected);

    const folder = mkdtempSync(join(tmpdir(), 'gatehouse-client-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const socketPath = join(folder, 'http.sock');
    const local = createTcpServer((socket) => socket.once('data', () => socket.end()));
    t.after(() => local.close());
    await once(local.listen(socketPath), 'listening');
    await assert.rejects(open(t, { socketPath }).request('http://localhost/'), {
      code: 'disconnected',
      message: /before its answer was complete/,
    });
  });

  test('reports an answer that is not HTTP', async (t) => {
    const server = createTcpServer((socket) => socket.end('SSH-2.0-OpenSSH\r\n')).listen(0, '127.0.0.1');
    t.after(() => server.close());
    await once(server, 'listening');
    const client = open(t);
    const { port } = server.address() as AddressInfo;
    await assert.rejects(client.request(`http://127.0.0.1:${port}/`), {
      name: 'ClientError',
      code: 'protocol',
    });
  });

  test('never sends an identity over plain HTTP to another machine', async (t) => {
    const client = open(t, { identity: { kind: 'bearer', token: 'secret-token' } });
    for (const host of ['example.com', '192.0.2.1', 'localhost.example.com', '128.0.0.1', '[2001:db8::1]']) {
      await assert.rejects(client.request(`http://${host}/`), (error) => {
        assert.ok(error instanceof ClientError);
        assert.equal(error.code, 'identity_plaintext');
        assert.doesNotMatch(error.message, /secret-token/);
        return true;
      });
    }
  });

  test('refuses headers that the identity sets', async (t) => {
    const client = open(t, { identity: { kind: 'apiKey', key: 'k' } });
    await assert.rejects(
      client.request('http://localhost/', { headers: { 'X-Api-Key': 'other' } }),
      TypeError,
    );
  });

  test('refuses other schemes, and URLs with user information', async (t) => {
    const client = open(t);
    for (const url of ['ftp://localhost/', 'localhost:8443', '', 'https://user:word@localhost/']) {
      await assert.rejects(client.request(url), TypeError);
    }
  });

  test('refuses roots without a readable certificate', () => {
    const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
    for (const roots of ['', 'not PEM', broken]) assert.throws(() => createClient({ roots }), TypeError);
  });
});

/** A client that is closed after the test. */
function open(t: TestContext, options?: ClientOptions): Client {
  const client = createClient(options);
  t.after(() => client.close());
  return client;
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = request.url?.split('?')[0];
  if (path === '/silent') return;
  if (path === '/redirect') return void response.writeHead(302, { location: '/echo' }).end();
  if (path === '/stall') return void response.writeHead(200).write('begun');
  if (path === '/cut') {
    response.writeHead(200, { 'content-length': 100 }).write('begun');
    return void setTimeout(() => response.destroy(), 20);
  }
  if (path === '/identity') {
    const names = ['x-api-key', 'authorization'].filter((name) => request.headers[name] !== undefined);
    return void response.end(names.map((name) => `${name}: ${request.headers[name]}`).join('\n'));
  }
  response.setHeader('x-seen', `${request.method} ${request.url} ${request.headers['x-colour']}`);
  request.pipe(response);
}

// XML-RPC over TLS with required client certificates, in both directions with Python's xmlrpc.client and
// xmlrpc.server, and the HTTP requests that a server refuses.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { type Client, type ClientError, createClient } from '../../src/index.ts';
import {
  type XmlRpcCaller,
  XmlRpcFault,
  type XmlRpcListener,
  xmlrpc,
  xmlrpcServer,
} from '../../src/xmlrpc/index.ts';
import { type Authority, createAuthority, hasOpenssl, needsOpenssl } from '../certificates.ts';

const hasPython = spawnSync('python3', ['--version']).status === 0;
const withoutPython = hasPython ? false : 'needs python3';
const peerProgram = join(import.meta.dirname, 'python-peer.py');

interface Api {
  add(a: number, b: number): number;
  echo<T>(value: T): T;
  refuse(): void;
  math: { half(n: number): number };
}

describe('XML-RPC over TLS', { skip: hasOpenssl() ? false : needsOpenssl }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-xmlrpc-'));
  const errors: unknown[] = [];
  const refusals: ClientError[] = [];
  let authority: Authority;
  let listener: XmlRpcListener;
  let client: Client;
  let anonymous: Client;
  let files: { server: string[]; robot: string[] };

  before(async () => {
    authority = createAuthority();
    const server = authority.issue('server', { alternativeNames: 'DNS:localhost,IP:127.0.0.1' });
    const robot = authority.issue('robot');
    const put = (name: string, content: string) => {
      writeFileSync(join(folder, name), content);
      return join(folder, name);
    };
    files = {
      server: [put('server.pem', server.cert), put('server.key', server.key)],
      robot: [put('robot.pem', robot.cert), put('robot.key', robot.key)],
    };
    const methods = {
      add: (a: number, b: number) => a + b,
      echo: (value: unknown) => value,
      'math.half': (n: number) => n / 2,
      whoami(this: XmlRpcCaller) {
        return this.name;
      },
      refuse() {
        throw new XmlRpcFault(42, 'Not today.');
      },
      fail() {
        throw new Error('a secret cause');
      },
      unsendable: () => new Map(),
      large: () => 2 ** 40,
    };
    const descriptions = { add: { help: 'Adds two numbers.', signatures: [['int', 'int', 'int']] } };
    const onError = (error: unknown) => errors.push(error);
    listener = await xmlrpcServer(methods, { descriptions, onError, maxBytes: 10_000 }).listen({
      host: '127.0.0.1',
      port: 0,
      ca: authority.root,
      certificate: server.cert,
      key: server.key,
      clientCertificate: 'require',
      onRefused: (error) => refusals.push(error),
    });
    client = createClient({ roots: authority.root, certificate: { chain: robot.cert, key: robot.key } });
    anonymous = createClient({ roots: authority.root });
  });
  after(async () => {
    await Promise.all([client.close(), anonymous.close()]);
    await listener.close();
    authority.remove();
    rmSync(folder, { recursive: true });
  });

  test('calls with values, names with dots, introspection, faults, several calls in one', async () => {
    const api = xmlrpc<Api>(client, listener.url);
    assert.equal(await api.add(1, 2), 3);
    const fetchShaped = (
      url: string | URL,
      init: { method: string; headers: Record<string, string>; body: string },
    ) =>
      client
        .request(url, init)
        .then(({ status, body }) => new Response(Readable.toWeb(body) as ReadableStream, { status }));
    assert.equal(await xmlrpc<Api>(fetchShaped, listener.url).add(1, 2), 3);
    assert.equal(await api.math.half(3), 1.5);
    assert.deepEqual(await api.echo({ when: new Date(0), no: null }), { when: new Date(0), no: null });
    assert.ok((await api.system.listMethods()).includes('system.multicall'));
    assert.equal(await api.system.methodHelp('add'), 'Adds two numbers.');
    assert.equal(await api.system.methodSignature('echo'), 'undef');
    await assert.rejects(api.refuse(), { faultCode: 42, faultString: 'Not today.' });
    const call = (methodName: string, ...params: number[]) => ({ methodName, params });
    assert.deepEqual(
      await api.system.multicall([call('add', 1, 2), call('refuse'), call('system.multicall')]),
      [
        [3],
        { faultCode: 42, faultString: 'Not today.' },
        { faultCode: -32600, faultString: 'system.multicall does not call itself.' },
      ],
    );
  });

  test("`await` on the methods sends no call, and JavaScript's own names are not methods", async () => {
    const api = await xmlrpc<Api & { constructor(): void; toString(): void }>(client, listener.url);
    await assert.rejects(api.constructor(), { faultCode: -32601 });
    await assert.rejects(api.toString(), { faultCode: -32601 });
  });

  test('the caller does not get the cause of a failure', async () => {
    const api = xmlrpc<{ fail(): void; unsendable(): void }>(client, listener.url);
    errors.length = 0;
    await assert.rejects(api.fail(), { faultCode: -32500, faultString: /^The method fail failed/ });
    await assert.rejects(api.unsendable(), { faultCode: -32500 });
    assert.deepEqual(errors.map(String), [
      'Error: a secret cause',
      'TypeError: a Map has no type in XML-RPC',
    ]);
  });

  test('a client without a certificate gets the reason, and the server continues to serve', async () => {
    const api = xmlrpc<Api>(anonymous, listener.url);
    await assert.rejects(api.add(1, 2), {
      code: 'client_certificate',
      message: /requires a client certificate/,
    });
    assert.match(refusals.at(-1)?.message ?? '', /it sent no certificate/);
    assert.equal(await xmlrpc<Api>(client, listener.url).add(1, 2), 3);
  });

  test('refuses other paths, methods and types, and large bodies', async () => {
    const send = async (method: string, path: string, body = '', headers = {}) => {
      const type = { 'content-type': 'text/xml', ...headers };
      const url = new URL(path, listener.url);
      const answer = await client.request(url, { method, headers: type, ...(body && { body }) });
      answer.body.resume();
      return answer.status;
    };
    assert.equal(await send('GET', '/RPC2'), 405);
    assert.equal(await send('POST', '/other', 'x'), 404);
    assert.equal(await send('POST', '/RPC2', 'x', { 'content-type': 'application/json' }), 415);
    assert.equal(await send('POST', '/RPC2', 'x', { 'content-encoding': 'gzip' }), 415);
    assert.equal(await send('POST', '/RPC2', 'x'.repeat(10_001)), 413);
    assert.equal(await send('POST', '/', 'not XML'), 200);
    await assert.rejects(xmlrpc<Api>(client, new URL('/other', listener.url)).add(1, 2), {
      code: 'protocol',
      message: /HTTP 404 and not with XML-RPC/,
    });
  });

  test("Python's client calls our server, and without a certificate gets a clear failure", {
    skip: withoutPython,
  }, async () => {
    const run = async (...pair: string[]) => {
      const args = [peerProgram, 'client', String(listener.port), authority.rootFile, ...pair];
      return (await text(spawn('python3', args, { stdio: ['ignore', 'pipe', 'inherit'] }).stdout)).trim();
    };
    assert.equal(await run(...files.robot), 'all as expected');
    // The alert gives the reason, unless Python was still writing when the connection ended.
    assert.match(await run('', ''), /^failed: /);
    assert.match(refusals.at(-1)?.message ?? '', /it sent no certificate/);
  });

  test("our client calls Python's server, and without a certificate gets the reason", {
    skip: withoutPython,
  }, async (t) => {
    const args = [peerProgram, 'server', '0', authority.rootFile, ...files.server];
    const python = spawn('python3', args, { stdio: ['ignore', 'pipe', 'inherit'] });
    t.after(() => python.kill());
    const [line] = await once(python.stdout, 'data');
    const url = `https://localhost:${Number(line)}/RPC2`;
    const api = xmlrpc<Api>(client, url);
    assert.equal(await api.add(2, 3), 5);
    const value = { n: [1, 2.5], s: 'ä\n<&>', b: Buffer.from([0, 255]), none: null, yes: true };
    assert.deepEqual(await api.echo(value), value);
    assert.ok((await api.system.listMethods()).includes('add'));
    assert.deepEqual(await api.system.multicall([{ methodName: 'add', params: [1, 2] }]), [[3]]);
    await assert.rejects(api.refuse(), { name: 'XmlRpcFault', faultCode: 1, faultString: /not supported/ });
    await assert.rejects(xmlrpc<Api>(anonymous, url).add(1, 2), { code: 'client_certificate' });
    assert.equal(await api.add(2, 3), 5);
  });

  test('without a certificate it serves plain HTTP on loopback only', async () => {
    const server = xmlrpcServer({ add: (a: number, b: number) => a + b });
    const plain = await server.listen({ port: 0 });
    assert.equal(await xmlrpc<Api>(anonymous, plain.url).add(1, 2), 3);
    await plain.close();
    await assert.rejects(server.listen({ host: '0.0.0.0', port: 0 }), TypeError);
    await assert.rejects(
      server.listen({ port: 0, clientCertificate: 'require', ca: authority.root }),
      TypeError,
    );
  });
});

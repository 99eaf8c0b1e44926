// gatehouse lab wire: it records all octets, and shows the parts that anyone can read.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createSecureServer, type ServerOptions } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createLoopbackIdentity } from '../../../src/commands/lab/loopback-identity.ts';
import { gatehouse } from '../../fake-process.ts';

const SECRET = 'fluffy tail';
const servers: Server[] = [];
const { root, ...identity } = createLoopbackIdentity();
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-wire-'));
let rootFile = '';
let plainUrl = '';
let secureUrl = '';
let olderUrl = '';

async function started(server: Server): Promise<number> {
  servers.push(server);
  server.listen(0, 'localhost');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

interface Document {
  url: string;
  sent: string;
  received: string;
  tls: null | {
    clientHello: { serverName: string; alpn: string[]; versions: string[]; groups: string[] };
    serverHello: { version: string; suite: string; group: string | undefined };
    parts: { from: string; title: string; records: number; bytes: number }[];
  };
}

async function recorded(...args: string[]): Promise<Document> {
  const { status, stdout, stderr } = await gatehouse(['lab', 'wire', '--json', ...args]);
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout);
}

const octets = (base64: string) => Buffer.from(base64, 'base64');

describe('gatehouse lab wire', () => {
  before(async () => {
    rootFile = join(folder, 'root.pem');
    writeFileSync(rootFile, root);
    const secure = (options: ServerOptions) =>
      createSecureServer({ ...identity, ...options }, (_request, response) => response.end(SECRET));
    plainUrl = `http://localhost:${await started(createServer((_request, response) => response.end(SECRET)))}/secret`;
    secureUrl = `https://localhost:${await started(secure({ minVersion: 'TLSv1.3' }))}/secret`;
    olderUrl = `https://localhost:${await started(secure({ maxVersion: 'TLSv1.2' }))}/secret`;
  });

  after(() => {
    rmSync(folder, { recursive: true });
    for (const server of servers) server.close();
  });

  test('records every octet of a plain request and its answer (H1)', async () => {
    const { url, sent, received, tls } = await recorded(plainUrl, '-H', 'X-Own: 1');
    assert.equal(url, plainUrl);
    assert.equal(tls, null);
    const { host } = new URL(plainUrl);
    assert.match(octets(sent).toString(), /^GET \/secret HTTP\/1\.1\r\nHost: localhost:\d+\r\n/);
    assert.match(octets(sent).toString(), /\r\nX-Own: 1\r\nConnection: close\r\n\r\n$/);
    assert.ok(octets(sent).includes(host));
    assert.match(octets(received).toString(), /^HTTP\/1\.1 200 OK\r\n(?:.+\r\n)+\r\nfluffy tail$/);
  });

  test('shows a plain request as octets and text (H1)', async () => {
    const { stdout, status } = await gatehouse(['lab', 'wire', plainUrl]);
    assert.equal(status, 0);
    assert.match(
      stdout,
      /^ {2}0000 {2}47 45 54 20 2f 73 65 63 {2}72 65 74 20 48 54 54 50 {2}GET \/secret HTTP$/m,
    );
    assert.match(stdout, /^→ client {2}in the clear {2}\d+ octets, anyone can read it$/m);
    assert.match(stdout, /Anyone on the way can read all of it/);
  });

  test('with TLS 1.3, the name of the server is readable, but not the request and the answer (RFC 8446)', async () => {
    const { sent, received, tls } = await recorded(secureUrl, '--ca', rootFile);
    assert.equal(tls?.clientHello.serverName, 'localhost');
    assert.deepEqual(tls.clientHello.alpn, ['http/1.1']);
    assert.deepEqual(tls.clientHello.versions, ['TLS 1.3', 'TLS 1.2']);
    assert.equal(tls.clientHello.groups[0], 'X25519MLKEM768');
    assert.equal(tls.serverHello.version, 'TLS 1.3');
    assert.match(tls.serverHello.suite, /^TLS_/);
    assert.equal(tls.serverHello.group, 'X25519MLKEM768');
    assert.ok(!octets(sent).includes('secret') && !octets(received).includes(SECRET));
    assert.ok(octets(sent).includes('localhost'));
    const bytes = (from: string) =>
      tls.parts.reduce((sum, part) => sum + (part.from === from ? part.bytes : 0), 0);
    assert.deepEqual([bytes('client'), bytes('server')], [octets(sent).length, octets(received).length]);
    const titles = tls.parts.map(({ title }) => title);
    assert.deepEqual(titles.slice(0, 4), ['ClientHello', 'ServerHello', 'ChangeCipherSpec', 'encrypted']);
  });

  test('with TLS 1.2, the certificate is also readable (RFC 5246 §7.4.2)', async () => {
    const { stdout } = await gatehouse(['lab', 'wire', olderUrl, '--ca', rootFile]);
    assert.match(stdout, /^ {2}certificate +DNS:localhost$/m);
    assert.match(stdout, /^ {2}version +TLS 1\.2$/m);
    assert.match(stdout, /learns the name localhost, the server's certificate, the\naddresses of both/);
  });

  test('marks the name of the server in the ClientHello, and shows which parts are encrypted', async () => {
    const { stdout } = await gatehouse(['lab', 'wire', secureUrl, '--ca', rootFile]);
    assert.match(stdout, /^ {2}server name +localhost$/m);
    assert.match(stdout, /^ +\^+$/m);
    assert.match(
      stdout,
      /^← server {2}encrypted {2}(?:\d+ records, )?[\d,]+ octets, no one on the way can read it$/m,
    );
    assert.doesNotMatch(stdout, /fluffy/);
    assert.match(stdout, /⋮ {2}[\d,]+ octets more/);
    const all = await gatehouse(['lab', 'wire', '--all', secureUrl, '--ca', rootFile]);
    assert.doesNotMatch(all.stdout, /⋮/);
  });

  test('every line fits a terminal of 80 columns, with colour and without', async () => {
    for (const args of [[], [plainUrl], [secureUrl, '--ca', rootFile]]) {
      const { stdout } = await gatehouse(['lab', 'wire', ...args, '--color', 'always'], { terminal: true });
      // biome-ignore lint/suspicious/noControlCharactersInRegex: the escapes of colour
      const plain = stdout.replaceAll(/\u001b\[\d+m/g, '');
      assert.notEqual(stdout, plain);
      for (const line of plain.split('\n')) assert.ok(line.length <= 80, line);
    }
  });

  test('reports a missing server, one that is not trusted, and one without TLS, each with its own exit status', async () => {
    const unused = await started(createServer());
    servers.at(-1)?.close();
    const refusals: [status: number, args: string[], message: RegExp][] = [
      [3, [`http://localhost:${unused}/`], /no connection to localhost:\d+: nothing listens there/],
      [3, [`https://localhost:${unused}/`], /no connection to localhost:\d+: nothing listens there/],
      [
        5,
        [secureUrl.replace('localhost', '127.0.0.1'), '--ca', rootFile],
        /127\.0\.0\.1:\d+ is not trusted: it is for another name/,
      ],
      [
        5,
        [secureUrl, '--data', '/nowhere'],
        /is not trusted: it leads to no trusted root; name its root with --ca/,
      ],
      [
        3,
        [plainUrl.replace('http', 'https'), '--ca', rootFile],
        /no TLS with localhost:\d+: the server does not speak it/,
      ],
      [2, ['ftp://localhost/'], /URL should begin with https:\/\/ or http:\/\//],
      [2, ['http://ada:secret@localhost/'], /URL contains a secret/],
      [2, [plainUrl, '-H', 'Authorization: Bearer x'], /--header contains a secret/],
      [2, [plainUrl, '-H', 'Host: a'], /the command itself sets/],
      [2, [plainUrl, '-H', 'a: b\r\nc: d'], /should read 'Name: value'/],
    ];
    for (const [status, args, message] of refusals) {
      const outcome = await gatehouse(['lab', 'wire', ...args]);
      assert.deepEqual([outcome.status, outcome.stdout], [status, ''], outcome.stderr);
      assert.match(outcome.stderr, message);
    }
  });

  test('names the request of a server for another key exchange (RFC 8446 §4.1.4)', async () => {
    const server = createSecureServer({ ...identity, ecdhCurve: 'P-384' }, (_request, response) =>
      response.end(),
    );
    const { tls } = await recorded(`https://localhost:${await started(server)}/`, '--ca', rootFile);
    const hellos = tls?.parts.map(({ title }) => title).filter((title) => title.includes('Hello'));
    assert.deepEqual(hellos, ['ClientHello', 'HelloRetryRequest', 'ClientHello', 'ServerHello']);
  });

  test('shows the handshake of a server that then refuses the client, with the reason', async () => {
    const options = { ...identity, ca: root, requestCert: true, rejectUnauthorized: true };
    const url = `https://localhost:${await started(createSecureServer(options))}/`;
    const { status, stdout, stderr } = await gatehouse(['lab', 'wire', url, '--ca', rootFile]);
    assert.equal(status, 0, stderr);
    assert.match(stdout, /ServerHello/);
    assert.match(stderr, /the server ended the connection \(\w+\)/);
  });

  test('exits with 4 when no answer comes in time', async () => {
    const silent = createTcpServer(() => {});
    const port = await started(silent);
    for (const scheme of ['http', 'https']) {
      const url = `${scheme}://localhost:${port}/`;
      const { status, stderr } = await gatehouse(['lab', 'wire', url, '--timeout', '1s']);
      assert.equal(status, 4);
      assert.match(stderr, /^gatehouse: no answer from localhost:\d+ in time; allow more with --timeout\n$/);
    }
  });

  test('shows the octets received before the time limit, with a warning', async () => {
    const silent = createTcpServer((socket) => socket.write('HTTP/1.1 200 OK\r\n'));
    const url = `http://localhost:${await started(silent)}/`;
    const { status, stdout, stderr } = await gatehouse(['lab', 'wire', url, '--timeout', '1s']);
    assert.equal(status, 0);
    assert.match(stdout, /HTTP\/1\.1 200 OK/);
    assert.equal(stderr, 'gatehouse: warning: the answer did not end within 1 s\n');
  });

  test('without a URL, shows one message sent in four ways, and where it is readable (H1, H2)', async () => {
    const { message, ways } = JSON.parse((await gatehouse(['lab', 'wire', '--json'])).stdout);
    assert.equal(message, 'fluffy tail');
    assert.deepEqual(
      ways.map((way: Record<string, unknown>) => [way.way, way.visibleOnTheWay, way.visibleWhereTlsEnds]),
      [
        ['http', true, true],
        ['fernet', false, false],
        ['tls', false, true],
        ['sealed', false, false],
      ],
    );
    for (const { way, sent, received, request, read } of ways) {
      assert.equal(read, 'fluffy tail');
      assert.equal(octets(request).includes('/note'), way === 'http' || way === 'tls');
      assert.equal(octets(request).includes('POST /.well-known/ohttp-gateway'), way === 'sealed');
      assert.equal(octets(received).includes('fluffy tail'), way === 'http');
      assert.equal(octets(received).includes('gAAAA'), way === 'fernet');
      assert.equal(octets(sent).includes('GET /'), way === 'http' || way === 'fernet');
    }
  });

  test('shows any message: of several lines, of other alphabets, with control characters, and long ones', async () => {
    for (const message of [
      'a\r\nb',
      `${'x'.repeat(18)}\ny`,
      `${'x'.repeat(19)}\n`,
      'é👏',
      '\u001b[2J',
      'z'.repeat(3000),
    ]) {
      const { status, stdout } = await gatehouse(['lab', 'wire', '--message', message]);
      assert.equal(status, 0);
      assert.match(stdout, /^\^+/m);
      assert.ok(!stdout.includes('\u001b'));
      assert.ok(stdout.split('\n').every((line) => line.length <= 80));
    }
  });

  test('marks another message wherever it is readable, in aligned columns', async () => {
    const { stdout } = await gatehouse(
      ['lab', 'wire', '--message', 'a secret of more than one line', '--color', 'never'],
      {
        terminal: true,
        columns: 100,
      },
    );
    const lines = stdout.split('\n');
    const at = lines.findIndex((line) => /^\^+/.test(line));
    assert.match(lines[at - 1] ?? '', /^a secret of more than o /);
    const inPlain = lines.filter((line) => /^\^/.test(line));
    assert.ok(inPlain.length >= 2);
    assert.ok(lines.every((line) => line.length <= 100));
  });
});

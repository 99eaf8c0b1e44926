// The programs of examples/client, run like a reader's, and the code of docs/client.md, which is taken from
// them.
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { sign } from 'node:crypto';
import { once } from 'node:events';
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { createEncryptedEndpoint, createEncryptedHandler } from '@gatehouse/protocol';
import { serveSamples } from '@gatehouse/samples';
import { clientProfile, readCertificate, spkiFingerprint } from '@gatehouse/x509';
import { startOidcProvider } from '../support/oidc-provider.ts';
import { startProgram } from '../support/programs.ts';
import { createTestAuthority } from '../support/test-authority.ts';

const ROOT = join(import.meta.dirname, '../..');
const FTP_SERVER = join(ROOT, 'packages/client/test/ftp/server.py');
const password = 'correct-horse';
const basic = `Basic ${Buffer.from(`ada:${password}`).toString('base64')}`;
const nonce = 'bm9uY2U';
let busy = true;

function answer(request: IncomingMessage, response: ServerResponse, content: string): unknown {
  const { authorization, cookie } = request.headers;
  const { pathname, search } = new URL(request.url ?? '', 'http://localhost');
  const allow = (isAllowed: boolean, challenge = 'Basic realm="x"') => {
    if (isAllowed) return response.end(`hello from ${pathname}`);
    return response.writeHead(401, { 'www-authenticate': challenge }).end();
  };
  if (pathname === '/echo') return response.end(`${request.method} ${search}${content}`);
  if (pathname === '/length') return response.end(JSON.stringify({ length: content.length }));
  if (pathname === '/login') return response.setHeader('set-cookie', 'session=1').end();
  if (pathname === '/private') return allow(cookie === 'session=1');
  if (pathname === '/basic') return allow(authorization === basic);
  if (pathname === '/digest')
    return allow(
      isDigest(authorization ?? ''),
      `Digest realm="x", nonce="${nonce}", qop="auth", algorithm=SHA-256`,
    );
  if (pathname === '/token') return response.end('{"access_token":"t","expires_in":60}');
  if (pathname === '/bearer') return allow(/^Bearer (?:t|ey.*)$/.test(authorization ?? ''));
  if (pathname === '/busy-once' && busy) {
    busy = false;
    return response.writeHead(503).end();
  }
  if (pathname === '/large') return response.setHeader('etag', '"1"').end(large);
  if (pathname === '/fresh') return response.setHeader('cache-control', 'max-age=60').end('fresh');
  if (pathname === '/problem') {
    response.writeHead(404, { 'content-type': 'application/problem+json' });
    return response.end('{"detail":"There is no such note."}');
  }
  return response.end('not busy');
}

function isDigest(authorization: string): boolean {
  return new RegExp(`^Digest .*nonce="${nonce}".*response="[0-9a-f]{64}"`).test(authorization);
}

const site = createServer(async (request, response) => {
  if (request.url === '/encrypted/') await encrypted(request, response);
  else answer(request, response, await text(request));
}).listen(0, '127.0.0.1');
const proxy = createServer((request, response) => {
  const isKnown = request.headers['proxy-authorization'] === basic;
  if (isKnown) return response.end(`through the proxy to ${new URL(request.url ?? '').pathname}`);
  return response.writeHead(407, { 'proxy-authenticate': 'Basic realm="x"' }).end();
}).listen(0, '127.0.0.1');
const authority = createTestAuthority();
const { cert, key } = authority.issue();
const fingerprint = spkiFingerprint(readCertificate(cert)).pin;
const signer = { fingerprint, chain: cert, sign: (message: Uint8Array) => sign('sha256', message, key) };
const endpoint = createEncryptedEndpoint({
  signer: () => signer,
  onMessage: (plaintext) => Buffer.from(plaintext).toString().toUpperCase(),
});
const encrypted = createEncryptedHandler(endpoint);
const tls = { cert, key, ca: authority.root, requestCert: true, rejectUnauthorized: false };
const secure = createSecureServer(tls, async (request, response) => {
  if (request.url === '/encrypted/') return encrypted(request, response);
  response.end(`certificate: ${(request.socket as unknown as { authorized: boolean }).authorized}`);
}).listen(0, '127.0.0.1');
const servers = [site, proxy, secure];
await Promise.all(servers.map((server) => once(server, 'listening')));
const [sitePort, proxyPort, securePort] = servers.map((server) => (server.address() as AddressInfo).port);
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-examples-'));
const own = authority.issue({ name: 'ada', profile: clientProfile() });
writeFileSync(join(folder, 'root.pem'), authority.root);
writeFileSync(join(folder, 'cert.pem'), own.cert);
writeFileSync(join(folder, 'key.pem'), own.key);
after(() => {
  for (const server of servers) server.close();
  rmSync(folder, { recursive: true });
});

const url = `http://127.0.0.1:${sitePort}`;
const ofServer = authority.issue();
writeFileSync(join(folder, 'server.pem'), ofServer.cert);
writeFileSync(join(folder, 'server.key'), ofServer.key);
writeFileSync(join(folder, 'roots.pem'), authority.root + createTestAuthority().root);
const samples = await serveSamples({ folder, port: 0, log: () => {} });
after(() => samples.close());
const provider = await startOidcProvider();
after(() => provider.close());
const ftpFolder = join(folder, 'ftp');
mkdirSync(ftpFolder);
const large = Buffer.alloc(2_000_000, 'large ');
// Debian's Python has Debian's modules. Another Python may come first on the path.
const python = ['python3', '/usr/bin/python3'].find(
  (program) => spawnSync(program, ['-c', 'import pyftpdlib']).status === 0,
);
const ftpServer = python ? await startProgram(python, [FTP_SERVER, ftpFolder], /^(\d+)/) : undefined;
after(() => ftpServer?.stop());
const printed: Record<string, readonly [args: string[], lines: string[]]> = {
  'channel.ts': [[`http://localhost:${sitePort}/encrypted/`, folder], ['200 TWO POUNDS OF TEA']],
  'answer.ts': [
    [samples.url],
    [
      'The current time is …',
      '200 OK /',
      'application/json; charset=UTF-8 true',
      'true',
      'Uint8Array',
      'true',
    ],
  ],
  'whose-key.ts': [
    [`https://localhost:${securePort}/encrypted/`, folder, fingerprint],
    ['authority 200', 'pin 200', 'dns 200', 'https 200', 'pin'],
  ],
  'forms.ts': [[url], ['GET ?q=gate+house&page=2', 'POST title=Notes&tag=a&tag=b', 'true']],
  'sign-in.ts': [
    [url, 'ada', password],
    ['/private', '/basic', '/digest'].map((path) => `hello from ${path}`),
  ],
  'proxy.ts': [
    [url, `http://127.0.0.1:${proxyPort}`, password],
    ['through the proxy to /echo', 'GET '],
  ],
  'trust.ts': [
    [`https://localhost:${securePort}/`, folder],
    ['certificate: true', 'unknown_root true'],
  ],
  'errors.ts': [[url], ['404 There is no such note.', 'not busy', 'ConnectError connect 3 true']],
  'download.ts': [
    [url, join(folder, 'downloaded')],
    ['2000000 100 %', '64'],
  ],
  'cache.ts': [[url], ['200 1 on the network', '200 0 on the network', 'true']],
  'person.ts': [
    [provider.issuer, url, join(folder, 'tokens.json')],
    ['signed in for read', 'hello from /bearer'],
  ],
  'rotation.ts': [[`https://localhost:${securePort}/`, folder], ['certificate: true']],
  'sockets.ts': [
    [folder],
    [
      'hello ada',
      'refused the client a client: it sent no certificate, and this server requires one',
      'client_certificate',
    ],
  ],
  'xmlrpc.ts': [[folder], ["3 [ 'add', 'system.listMethods' ]"]],
  'hash.ts': [['package.json'], ['true', 'true']],
  'keys.ts': [[join(folder, 'roots.pem')], ['rsa true', '2 roots']],
  ...(ftpServer && {
    'ftp.ts': [
      [`ftp://robot:s3cret%3A%2F@localhost:${ftpServer.port}/`, join(folder, 'copied')],
      ["[ 'note.txt 6' ]", 'by FTP'],
    ],
  }),
  'middleware.ts': [
    [url, 's'],
    ['GET /bearer 200', 'hello from /bearer', 'GET /echo 200', 'GET '],
  ],
};

describe('the examples of the client', () => {
  it('each has its test', () => {
    assert.deepEqual(
      globSync('*.ts', { cwd: join(ROOT, 'examples/client') }).sort(),
      [...new Set([...Object.keys(printed), 'ftp.ts'])].sort(),
    );
  });

  for (const [name, [args, lines]] of Object.entries(printed)) {
    it(`${name} prints what it should`, async () => {
      const program = [join('examples/client', name), ...args];
      const { stdout } = await promisify(execFile)(process.execPath, program, { cwd: ROOT, timeout: 30_000 });
      assert.deepEqual(stdout.split('\n').slice(0, -1), lines);
    });
  }

  it('docs/client.md has the same code', () => {
    const programs = Object.keys(printed).map((name) =>
      readFileSync(join(ROOT, 'examples/client', name), 'utf8'),
    );
    const page = readFileSync(join(ROOT, 'docs/client.md'), 'utf8');
    const blocks = [...page.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = '']) => code);
    assert.ok(blocks.length >= 6);
    for (const block of blocks)
      assert.ok(
        programs.some((program) => program.includes(block)),
        block,
      );
  });
});

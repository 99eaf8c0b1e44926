// FTP with other servers: plain (pyftpdlib) and over TLS (vsftpd, which requires that the data connection
// resumes the session of the control connection). List, upload, download, reused connections, and refusals.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { parseFtpUrl } from '../../src/ftp/address.ts';
import { createConnections } from '../../src/ftp/connections.ts';
import { type Ftp, type FtpRequest, ftp } from '../../src/ftp/index.ts';
import { client } from '../../src/index.ts';
import { type Authority, createAuthority, hasOpenssl, needsOpenssl } from '../certificates.ts';

/** Debian's Python has Debian's modules. Another Python may come first in PATH. */
const python = ['python3', '/usr/bin/python3'].find(
  (program) => spawnSync(program, ['-c', 'import pyftpdlib']).status === 0,
);
const withoutServer =
  python === undefined ? 'needs python3 with pyftpdlib (apt-get install python3-pyftpdlib)' : false;
const VSFTPD = '/usr/sbin/vsftpd';
const withoutVsftpd = existsSync(VSFTPD) && hasOpenssl() ? false : 'needs vsftpd (apt-get install vsftpd)';
const cannotVsftpd = process.getuid?.() === 0 ? withoutVsftpd : 'needs root, as vsftpd does';
const octets = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7) % 256));

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-ftp-'));
after(() => rmSync(folder, { recursive: true }));

async function fetched(files: Ftp, url: string): Promise<Buffer> {
  const to = new PassThrough();
  const [content] = await Promise.all([buffer(to), files.download(url, to)]);
  return content;
}

async function assertUploadsListsAndDownloads(files: Ftp, url: (name: string) => string): Promise<void> {
  await files.upload(url('one'), Readable.from([octets.subarray(0, 1000), octets.subarray(1000)]));
  assert.ok((await fetched(files, url('one'))).equals(octets));
  assert.equal(String(await fetched(files, url('hello%20%C3%BC.txt'))), 'hello');
  const row = (await files.list(url(''))).find(({ name }) => name === 'one');
  assert.deepEqual([row?.kind, row?.size], ['file', octets.length]);
}

describe('FTP', { skip: withoutServer }, () => {
  let child: ChildProcess;
  let plainPort: number;

  before(async () => {
    mkdirSync(join(folder, 'root'));
    writeFileSync(join(folder, 'root', 'hello ü.txt'), 'hello');
    ({ server: child, port: plainPort } = await startPyftpdlib());
  });
  after(() => child.kill());

  test('works over TLS with a server that ends a data connection with octets before the command', {
    skip: hasOpenssl() ? false : needsOpenssl,
  }, async (t) => {
    const authority = createAuthority();
    t.after(() => authority.remove());
    const { cert, key } = authority.issue('x', { alternativeNames: 'DNS:localhost' });
    const file = join(folder, 'pyftpdlib.pem');
    writeFileSync(file, cert + key, { mode: 0o600 });
    const { server, port } = await startPyftpdlib(file);
    t.after(() => server.kill());
    const files = ftp({ ca: authority.root });
    t.after(() => files.close());
    const url = (path: string) => `ftps://robot:s3cret%3A%2F@localhost:${port}/${path}`;
    await assertUploadsListsAndDownloads(files, url);
    await assert.rejects(files.download(url('none'), new PassThrough()), { message: /550/ });
    await assertUploadsListsAndDownloads(files, url);
  });

  const plain = (path: string) => `ftp://robot:s3cret%3A%2F@localhost:${plainPort}/${path}`;

  test('uploads, lists and downloads', async (t) => {
    const files = ftp();
    t.after(() => files.close());
    await assertUploadsListsAndDownloads(files, plain);
    await files.upload(plain('three'), { file: join(folder, 'root', 'one') });
    assert.equal(readFileSync(join(folder, 'root', 'three')).length, octets.length);
    assert.ok((await files.list(plain('')))[0]?.modifiedAt instanceof Date);
  });

  test('uses the same connection for one transfer after the other', async (t) => {
    const connections = createConnections({ timeoutSeconds: 5, maxListingBytes: 1000 });
    t.after(() => connections.close());
    const seen = new Set<unknown>();
    for (let count = 0; count < 3; count += 1) {
      await connections.use(parseFtpUrl(plain('')), async (client) => seen.add(client));
    }
    assert.equal(seen.size, 1);
    await Promise.all([1, 2].map(() => connections.use(parseFtpUrl(plain('')), async (c) => seen.add(c))));
    assert.equal(seen.size, 2, 'two at once need two connections');
  });

  test('as middleware it answers GET and PUT of FTP URLs, and passes on other requests', async (t) => {
    const files = ftp();
    t.after(() => files.close());
    const send = (method: string, url: string, content: FtpRequest['content'] = null) =>
      files({ method, url: new URL(url), content }, async () => new Response('passed on'));
    assert.equal(await (await send('GET', 'https://localhost/')).text(), 'passed on');
    assert.equal((await send('PUT', plain('m'), 'by PUT')).status, 201);
    assert.equal(await (await send('GET', plain('m'))).text(), 'by PUT');
    assert.ok(
      ((await (await send('GET', plain(''))).json()) as { name: string }[]).some(({ name }) => name === 'm'),
    );
    await assert.rejects(send('GET', plain('none')), { code: 'protocol', message: /\/none \(550 .*exists/ });
    await assert.rejects(send('DELETE', plain('m')), TypeError);
  });

  test('a client with it takes FTP URLs beside HTTP URLs, and ends its connections', async () => {
    await assert.rejects(client().get(plain('hello%20%C3%BC.txt')).text(), {
      message: /the client needs ftp\(\)/,
    });
    const http = client().with(ftp());
    assert.equal(await http.get(plain('hello%20%C3%BC.txt')).text(), 'hello');
    assert.equal((await http.put(plain('by-client'), { body: 'x' })).status, 201);
    assert.equal(await http.get(plain('by-client')).text(), 'x');
    await http.close();
  });

  test('reports why the server refused, and never shows the password', async (t) => {
    const files = ftp({ login: { username: 'robot', password: 'hunter2' } });
    t.after(() => files.close());
    await assert.rejects(files.list(`ftp://localhost:${plainPort}/`), (error: Error) => {
      assert.match(error.message, /refused the sign-in \(530 .*check the name and the password/);
      assert.doesNotMatch(error.message, /hunter2/);
      return true;
    });
    await assert.rejects(files.list('ftp://localhost:1/'), { code: 'connect', message: /nothing listens/ });
    const anonymous = ftp();
    t.after(() => anonymous.close());
    await assert.rejects(anonymous.upload(`ftp://localhost:${plainPort}/x`, 'x'), { code: 'protocol' });
  });

  test('refuses a server without TLS if the URL requires TLS', async (t) => {
    const files = ftp();
    t.after(() => files.close());
    await assert.rejects(files.list(plain('').replace('ftp:', 'ftps:')), { code: 'protocol' });
  });

  test('sends no password over plain FTP to another machine, and no control characters', async (t) => {
    const files = ftp();
    t.after(() => files.close());
    await assert.rejects(files.list('ftp://robot:secret@192.0.2.1/'), { code: 'identity_plaintext' });
    await assert.rejects(files.list('ftp://localhost/a%0D%0ADELE%20b'), /control character/);
    await assert.rejects(files.list('ftp://localhost/%ff'), TypeError);
    await assert.rejects(files.list('https://localhost/'), TypeError);
  });
});

describe('FTP over TLS', { skip: cannotVsftpd }, () => {
  let authority: Authority;
  let child: ChildProcess;
  let port: number;

  before(async () => {
    authority = createAuthority();
    port = await freePort();
    child = spawn(VSFTPD, [configuration(authority, port)], { stdio: 'inherit' });
    while (!(await isOpen(port))) await setTimeout(20);
  });
  after(() => {
    child.kill();
    authority.remove();
  });

  test('uploads, lists and downloads on data connections that resume the session (RFC 4217 §10)', async (t) => {
    const files = ftp({ ca: authority.root });
    t.after(() => files.close());
    await assertUploadsListsAndDownloads(files, (name) => `ftps://localhost:${port}/in/${name}`);
  });

  test('refuses a certificate that no trusted root signed, and one for another name', async (t) => {
    const [files, trusting] = [ftp(), ftp({ ca: authority.root })];
    t.after(() => {
      files.close();
      trusting.close();
    });
    await assert.rejects(files.list(`ftps://localhost:${port}/`), {
      code: 'tls_trust',
      message: /no trusted root signed it/,
    });
    await assert.rejects(trusting.list(`ftps://127.0.0.1:${port}/`), {
      code: 'tls_trust',
      message: /not for this name/,
    });
  });
});

/** `certificate`: a file that has a key too. Then the server demands TLS. */
async function startPyftpdlib(...certificate: string[]): Promise<{ server: ChildProcess; port: number }> {
  const args = [join(import.meta.dirname, 'server.py'), join(folder, 'root'), ...certificate];
  const server = spawn(python ?? '', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(server.stdout, 'data');
  return { server, port: Number(line) };
}

/** The file of settings: anonymous users read and write the folder `in`, over TLS alone. */
function configuration(authority: Authority, port: number): string {
  const path = (name: string) => join(folder, name);
  const { cert, key } = authority.issue('x', { alternativeNames: 'DNS:localhost' });
  writeFileSync(path('vsftpd.pem'), cert);
  writeFileSync(path('vsftpd.key'), key, { mode: 0o600 });
  chmodSync(folder, 0o755);
  for (const name of ['anonymous/in', 'empty']) mkdirSync(path(name), { recursive: true });
  chmodSync(path('anonymous/in'), 0o777);
  writeFileSync(path('anonymous/in/hello ü.txt'), 'hello');
  const yes = [
    'listen anonymous_enable no_anon_password write_enable anon_upload_enable anon_other_write_enable',
    'ssl_enable allow_anon_ssl force_anon_logins_ssl force_anon_data_ssl require_ssl_reuse',
  ];
  const lines = [
    ...yes.flatMap((names) => names.split(' ')).map((name) => `${name}=YES`),
    ...['local_enable', 'background', 'seccomp_sandbox', 'isolate', 'isolate_network'].map(
      (name) => `${name}=NO`,
    ),
    `listen_port=${port}`,
    'listen_address=127.0.0.1',
    'anon_umask=022',
    'anon_world_readable_only=NO',
    'ssl_ciphers=HIGH',
    'ftp_username=daemon',
    `anon_root=${path('anonymous')}`,
    `secure_chroot_dir=${path('empty')}`,
    `rsa_cert_file=${path('vsftpd.pem')}`,
    `rsa_private_key_file=${path('vsftpd.key')}`,
  ];
  writeFileSync(path('vsftpd.conf'), `${lines.join('\n')}\n`);
  return path('vsftpd.conf');
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

function isOpen(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  return new Promise((resolve) => {
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
  }).then((open) => {
    socket.destroy();
    return open === true;
  });
}

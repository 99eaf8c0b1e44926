// `gatehouse inspect` against servers that are hostile, broken, or not TLS servers: it always ends in time
// with a sentence, and prints no control characters for a terminal.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { createSecureContext, createServer as createTlsServer, TLSSocket } from 'node:tls';
import { stripVTControlCharacters } from 'node:util';
import { readCertificates } from '@gatehouse/x509';
import { type FakeProcessOptions, gatehouse } from '../../packages/cli/test/fake-process.ts';
import { peculiar } from '../../packages/x509/test/support/peculiar.ts';
import { createPki, type Pki, servePresented } from '../support/lenient-pki.ts';

/** Control characters of terminals. */
const CONTROL = /[^\P{Cc}\n]/u;
const PIN = /^sha256\/[A-Za-z0-9+/]{43}=$/;
const names = (...values: string[]) =>
  new peculiar.SubjectAlternativeNameExtension(values.map((value) => ({ type: 'dns' as const, value })));

describe('gatehouse inspect', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-inspect-'));
  const rootFile = join(folder, 'root.pem');
  let pki: Pki;

  before(async () => {
    pki = await createPki();
    writeFileSync(rootFile, pki.root.pem);
  });
  after(() => {
    pki.close();
    rmSync(folder, { recursive: true });
  });

  const inspect = (address: string, args: readonly string[] = [], options?: FakeProcessOptions) =>
    gatehouse(['inspect', address, '--ca', rootFile, ...args], options);

  async function good(t: TestContext, order = {}): Promise<string> {
    const leaf = await pki.issue(pki.intermediate, order);
    const { port, close } = await servePresented({
      chain: [leaf, pki.intermediate],
      staple: pki.staple(leaf),
    });
    t.after(close);
    return `localhost:${port}`;
  }

  /** A TCP server with its own address. */
  async function speak(t: TestContext, act: (socket: Socket) => void, host = '127.0.0.1'): Promise<string> {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      act(socket);
    });
    await new Promise<void>((resolve) => server.listen(0, host, resolve));
    t.after(() => server.close());
    const { port } = server.address() as { port: number };
    return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  }

  it('prints the connection, the chain from the root down, the pins and the revocation', async (t) => {
    const { status, stdout, stderr } = await inspect(await good(t));
    assert.equal(status, 0, stderr);
    assert.match(stdout, /^localhost:\d+ \(127\.0\.0\.1\)\n✓ trusted: leads to CN=Test Root/);
    assert.match(
      stdout,
      /version +TLS 1\.3\n +suite +TLS_AES_\d+_GCM_SHA\d+\n +key exchange +X25519MLKEM768, post-quantum\n/,
    );
    assert.match(
      stdout,
      /CN=Test Root +trusted here, .* left\n(?:.*\n)+ +└─ CN=Test Intermediate(?:.*\n)+ +└─ CN=localhost/,
    );
    assert.equal(stdout.match(/pin +sha256\/[A-Za-z0-9+/]{43}=$/gm)?.length, 3);
    assert.match(stdout, /stapled +good\n +OCSP +good .*\n +revocation list +good /);
  });

  it('fits terminals of 80 and of 120 columns, and has the same text without colour', async (t) => {
    const address = await good(t, {
      extensions: [names('localhost', ...Array(40).fill('a-rather-long-name.example'))],
    });
    for (const columns of [80, 120]) {
      const { stdout } = await inspect(address, ['--all', '--offline'], { terminal: true, columns });
      const plain = stripVTControlCharacters(stdout);
      assert.notEqual(plain, stdout);
      const lines = plain.split('\n').filter((line) => !line.includes('names  '));
      assert.deepEqual(
        lines.filter((line) => [...line].length > columns),
        [],
      );
    }
  });

  it('prints one JSON document with the same members for every server', async (t) => {
    const addresses = [await good(t), await good(t, { days: [-9, -2] })];
    const documents = await Promise.all(
      addresses.map(async (each) => JSON.parse((await inspect(each, ['--json'])).stdout)),
    );
    const shape = (value: object) => Object.keys(value).join();
    assert.equal(shape(documents[0]), shape(documents[1]));
    assert.equal(
      shape(documents[0]),
      'host,port,serverName,address,trusted,roots,tls,versions,chain,revocation,pinMatches,problems,failed',
    );
    assert.equal(shape(documents[0].tls), 'version,cipher,group,alpn,resumes,clientCertificate,handshakeMs');
    assert.deepEqual(
      documents.map(({ trusted }) => trusted),
      [true, false],
    );
    assert.ok(documents[1].chain[0].daysLeft < 0);
    assert.match(documents[0].chain[0].key.pin, PIN);
    assert.equal(documents[0].tls.resumes, true);
  });

  it('names every reason, not only the first', async (t) => {
    const address = await good(t, { days: [-9, -2], extensions: [names('other.example')] });
    const { problems } = JSON.parse((await inspect(address, ['--json'])).stdout);
    const found = problems.map(({ code }: { code: string }) => code);
    assert.deepEqual(found.slice(0, 2), ['expired', 'wrong_name']);
    assert.match(problems[1].command, /^gatehouse inspect localhost:\d+ --server-name other\.example$/);
  });

  it('exits with 1 for a condition of --fail-on, and names it', async (t) => {
    const address = await good(t);
    assert.equal((await inspect(address, ['--fail-on', 'weak,expiring=14d'])).status, 0);
    const { status, stderr } = await inspect(address, ['--fail-on', 'weak,expiring=60d']);
    assert.deepEqual([status, stderr], [1, 'gatehouse: --fail-on: expiring\n']);
    assert.equal((await inspect(address, ['--fail-on', 'soon'])).status, 2);
  });

  it('accepts a pin that it printed, and exits with 6 for another', async (t) => {
    const address = await good(t);
    const { chain } = JSON.parse((await inspect(address, ['--json'])).stdout);
    for (const { key } of chain) assert.equal((await inspect(address, ['--pin', key.pin])).status, 0);
    assert.equal((await inspect(address, ['--pin', `sha256/${'B'.repeat(43)}=`])).status, 6);
    assert.equal((await inspect(address, ['--pin', 'sha256/short'])).status, 2);
  });

  it('tries every version with --all, and calls the old ones weak', async (t) => {
    const leaf = await pki.issue(pki.intermediate);
    const options = { minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
    const { port, close } = await servePresented({ chain: [leaf, pki.intermediate], options });
    t.after(close);
    const { status, stdout } = await inspect(`localhost:${port}`, ['--all', '--json', '--fail-on', 'weak']);
    const { versions, problems } = JSON.parse(stdout);
    assert.deepEqual(versions, { 'TLSv1.3': true, 'TLSv1.2': true, 'TLSv1.1': true, TLSv1: true });
    assert.equal(problems.filter(({ code }: { code: string }) => code === 'weak_version').length, 2);
    assert.equal(status, 1);
  });

  it('proves that an intermediate is missing, and says where to get it', async (t) => {
    const { port, close } = await servePresented({ chain: [await pki.issue(pki.intermediate)] });
    t.after(close);
    const { problems, chain } = JSON.parse((await inspect(`localhost:${port}`, ['--json'])).stdout);
    assert.equal(problems[0].code, 'missing_intermediate');
    assert.match(problems[0].what, /does not send the certificate of CN=Test Intermediate/);
    assert.equal(problems[0].command, `curl -O ${pki.url}/issuer`);
    assert.deepEqual(
      chain.map(({ sent }: { sent: boolean }) => sent),
      [true, false, false],
    );
  });

  it('writes the received certificates, and overwrites no files', async (t) => {
    const address = await good(t);
    const file = join(folder, 'sent.pem');
    assert.equal((await inspect(address, ['--save', file])).status, 0);
    assert.equal(readCertificates(readFileSync(file)).length, 2);
    const before = statSync(file).mtimeMs;
    assert.equal((await inspect(address, ['--save', file])).status, 1);
    assert.equal(statSync(file).mtimeMs, before);
  });

  it('notices that a server requires a client certificate', async (t) => {
    const leaf = await pki.issue(pki.intermediate);
    const options = { requestCert: true, rejectUnauthorized: true, ca: pki.root.pem };
    const server = await servePresented({ chain: [leaf, pki.intermediate], options });
    t.after(server.close);
    const { tls, trusted } = JSON.parse((await inspect(`localhost:${server.port}`, ['--json'])).stdout);
    assert.deepEqual([tls.clientCertificate, trusted], ['required', true]);
  });

  it('prints names with control characters as harmless text', async (t) => {
    const title = '\u001b]0;owned\u0007';
    const orders = [{ name: `localhost${title}` }, { extensions: [names('localhost', title, 'a\r\nb')] }];
    for (const order of orders) {
      const leaf = await pki.issue(pki.intermediate, order);
      const { port, close } = await servePresented({ chain: [leaf, pki.intermediate] });
      t.after(close);
      for (const args of [[], ['--json']]) {
        const { status, stdout, stderr } = await inspect(`localhost:${port}`, args);
        assert.doesNotMatch(stdout + stderr, CONTROL);
        assert.match(stdout, order.name === undefined ? /its certificate cannot be read/i : /1b\]0/);
        assert.equal(status, order.name === undefined ? 5 : 0);
      }
    }
  });

  it('shows a few of a thousand names, and all in JSON', async (t) => {
    const thousand = Array.from({ length: 999 }, (_, index) => `host-${index}.example`);
    const address = await good(t, { extensions: [names('localhost', ...thousand)] });
    const { stdout } = await inspect(address);
    assert.match(stdout, /names +localhost, host-0\.example, .*, and 994 more$/m);
    assert.equal(JSON.parse((await inspect(address, ['--json'])).stdout).chain[0].names.length, 1000);
  });

  it('ends with a sentence for a chain of a hundred certificates', async (t) => {
    const leaf = await pki.issue(pki.intermediate);
    const chain = [leaf, pki.intermediate, ...Array(100).fill(pki.stranger)];
    const { port, close } = await servePresented({ chain });
    t.after(close);
    const { status, stdout } = await inspect(`localhost:${port}`, ['--json']);
    assert.equal(status, 0);
    assert.equal(JSON.parse(stdout).chain.length, 3);
  });

  const speakers: readonly (readonly [title: string, said: RegExp, act: (socket: Socket) => void])[] = [
    [
      'plain HTTP',
      /speaks plain HTTP and not TLS: use http:\/\/127\.0\.0\.1:\d+, or inspect/,
      (socket) => socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
    ],
    ['SSH', /speaks SSH and not TLS/, (socket) => socket.write('SSH-2.0-OpenSSH_9.9\r\n')],
    [
      'SMTP',
      /speaks SMTP and not TLS: .* usually 465/,
      (socket) => socket.write('220 mail ESMTP Postfix\r\n'),
    ],
    ['IMAP', /speaks IMAP and not TLS/, (socket) => socket.write('* OK ready\r\n')],
    [
      'nonsense with control characters',
      /does not use TLS: it sent "\\u001b\[2J/,
      (socket) => socket.write('\u001b[2J\u0000\u0001\u0002nonsense\n'),
    ],
  ];
  for (const [title, said, act] of speakers) {
    it(`names a port that speaks ${title}`, async (t) => {
      const { status, stdout, stderr } = await inspect(await speak(t, act));
      assert.match(stderr, said);
      assert.doesNotMatch(stderr, CONTROL);
      assert.deepEqual([status, stdout], [3, '']);
    });
  }

  it('ends in time if the server is silent, or sends octets without an end', async (t) => {
    const silent = await inspect(await speak(t, () => {}), ['--timeout', '1s']);
    assert.equal(silent.status, 4);
    assert.match(silent.stderr, /no handshake .* within 1 s/);
    const slow = await speak(t, (socket) => {
      const timer = setInterval(() => socket.write(Buffer.of(0x16)), 100);
      socket.on('close', () => clearInterval(timer));
    });
    assert.notEqual((await inspect(slow, ['--timeout', '1s'])).status, 0);
  });

  it('says so if the server closes during the handshake, or does not exist', async (t) => {
    const closing = await speak(t, (socket) => socket.once('data', () => socket.end()));
    const { status, stderr } = await inspect(closing);
    assert.equal(status, 3);
    assert.match(stderr, /cannot inspect 127\.0\.0\.1:\d+: .*; check that the port speaks TLS/);
    const gone = await inspect('127.0.0.1:1');
    assert.equal(gone.status, 3);
    assert.match(gone.stderr, /nothing listens there/);
  });

  it('inspects an address of IPv6', {
    skip: existsSync('/proc/net/if_inet6') ? false : 'needs IPv6',
  }, async (t) => {
    const leaf = await pki.issue(pki.intermediate, {
      extensions: [new peculiar.SubjectAlternativeNameExtension([{ type: 'ip', value: '::1' }])],
    });
    const server = createTlsServer(
      { ...(await identityOf(leaf)), cert: leaf.pem + pki.intermediate.pem },
      (socket) => socket.on('error', () => {}).end(),
    );
    await new Promise<void>((resolve) => server.listen(0, '::1', resolve));
    t.after(() => server.close());
    const { port } = server.address() as { port: number };
    const { status, stdout } = await inspect(`[::1]:${port}`);
    assert.match(stdout, /^\[::1\]:\d+\n✓ trusted/);
    assert.equal(status, 0);
  });

  const dialogues = {
    smtp: ['220-mail\r\n220 ready\r\n', '250-mail\r\n250 STARTTLS\r\n', '220 go\r\n'],
    imap: ['* OK ready\r\n', 'a OK go\r\n'],
    pop3: ['+OK ready\r\n', '+OK go\r\n'],
    ftp: ['220-welcome\r\n220 ready\r\n', '234 go\r\n'],
    postgres: ['', 'S'],
  } as const;
  for (const [protocol, [greeting, ...answers]] of Object.entries(dialogues)) {
    it(`begins in plain text with --starttls ${protocol}`, async (t) => {
      const leaf = await pki.issue(pki.intermediate);
      const context = createSecureContext({
        ...(await identityOf(leaf)),
        cert: leaf.pem + pki.intermediate.pem,
      });
      const address = await speak(t, (socket) => {
        const left = [...answers];
        socket.write(greeting);
        socket.on('data', function answer() {
          socket.write(left.shift() ?? '');
          if (left.length > 0) return;
          socket.off('data', answer);
          new TLSSocket(socket, { isServer: true, secureContext: context }).on('error', () => {});
        });
      });
      const { status, stdout, stderr } = await inspect(address, [
        '--starttls',
        protocol,
        '--server-name',
        'localhost',
      ]);
      assert.equal(status, 0, stdout + stderr);
      assert.match(stdout, /✓ trusted/);
    });
  }

  it('says so if a server does not start TLS, or sends more before it', async (t) => {
    const words = ['--starttls', 'smtp'];
    const refusing = await speak(t, (socket) => {
      socket.write('220 ready\r\n');
      socket.on('data', () => socket.write('502 no such command\r\n'));
    });
    const { status, stderr } = await inspect(refusing, words);
    assert.equal(status, 3);
    assert.match(stderr, /does not start TLS in smtp: it says "502 no such command/);
    const injecting = await speak(t, (socket) => {
      socket.write('220 ready\r\n');
      socket.once('data', () => {
        socket.write('250 ok\r\n');
        socket.once('data', () => socket.write('220 go\r\n550 injected\r\n'));
      });
    });
    assert.match((await inspect(injecting, words)).stderr, /does not start TLS in smtp/);
  });

  it('refuses a text that is no address of a server', async () => {
    for (const address of ['http://localhost', 'localhost:99999', 'https://user@localhost', ''])
      assert.equal((await inspect(address)).status, 2, address);
  });
});

async function identityOf({ keys }: { keys: CryptoKeyPair }): Promise<{ key: string }> {
  const der = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey));
  return { key: `-----BEGIN PRIVATE KEY-----\n${der.toString('base64')}\n-----END PRIVATE KEY-----\n` };
}

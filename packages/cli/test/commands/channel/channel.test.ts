// gatehouse channel: verify with its exit statuses, fingerprint, and explain with and without an endpoint.
import assert from 'node:assert/strict';
import { createDecipheriv, createHmac } from 'node:crypto';
import { statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createEncryptedEndpoint, createEncryptedHandler, createFernet } from '@gatehouse/protocol';
import { type SigningAuthority, signingAuthority } from '../../../../client/test/channel/signed-endpoint.ts';
import { startFakeAdmin, temporaryFolder } from '../../fake-admin.ts';
import { gatehouse } from '../../fake-process.ts';

const authority = signingAuthority();
const WRONG_PIN = `sha256/${'A'.repeat(43)}=`;

test('verify accepts a key by its certificate, by its pin and by a DNS record', async (t) => {
  const { url, env, file } = await serving(t, authority);
  const ca = file('root.pem', authority.root);
  const { fingerprint } = authority.signer;
  const record = file(
    'record.txt',
    `_gatehouse-channel.localhost. IN TXT "v=gatehouse-channel1; pin=${fingerprint}"\n`,
  );
  for (const [flags, by] of [
    [['--ca', ca], ['chain']],
    [['--cacert', ca], ['chain']],
    [['--pin', fingerprint], ['pin']],
    [
      ['--pin', fingerprint, '--ca', ca],
      ['pin', 'chain'],
    ],
    [['--dns-record', record], ['pin']],
    [['--pin', WRONG_PIN, '--dns-record', record], ['pin']],
  ] as const) {
    const { status, stdout, stderr } = await gatehouse(['channel', 'verify', url, ...flags, '--json'], {
      env,
    });
    assert.equal(status, 0, stderr);
    const document = JSON.parse(stdout) as Record<string, unknown>;
    assert.deepEqual([document.ok, document.fingerprint, document.by], [true, fingerprint, by]);
  }
  const { stdout } = await gatehouse(['channel', 'verify', url, '--ca', ca], { env });
  assert.match(stdout, /\ntrusted by {2}the certificate\n/);
  assert.match(stdout, /^verified {2}http:\/\/127\.0\.0\.1:\d+\/encrypted\/ offers its own key\n/);
});

test('verify exits with 6 for another pin, and with 5 for a key that is not trusted', async (t) => {
  const { url, env, file } = await serving(t, authority);
  const ca = file('other.pem', signingAuthority().root);
  const { fingerprint } = authority.signer;
  const foreign = file('foreign.txt', 'v=spf1 -all\n');
  for (const [expected, flags] of [
    [6, ['--pin', WRONG_PIN]],
    [6, ['--pin', WRONG_PIN, '--ca', ca]],
    [6, ['--dns-record', foreign]],
    [5, ['--ca', ca]],
    [5, ['--pin', fingerprint, '--ca', ca]],
    [5, []],
    [2, ['--pin', 'sha256/short']],
  ] as const) {
    const { status, stdout } = await gatehouse(['channel', 'verify', url, ...flags], { env });
    assert.deepEqual([status, stdout], [expected, ''], flags.join(' '));
  }
});

test('verify refuses a key that is not signed, and exits with 3 if nothing listens', async (t) => {
  const { url, env } = await serving(t, undefined);
  const unsigned = await gatehouse(['channel', 'verify', url], { env });
  assert.equal(unsigned.status, 5);
  assert.match(unsigned.stderr, /the key is not signed/);
  assert.equal((await gatehouse(['channel', 'verify', 'http://127.0.0.1:1/'], { env })).status, 3);
  assert.equal((await gatehouse(['channel', 'verify', 'ftp://localhost/'], { env })).status, 2);
});

test('send delivers a message to a verified endpoint, and prints the answer unchanged', async (t) => {
  const { url, env, file, messages } = await serving(t, authority);
  const ca = file('root.pem', authority.root);
  const sent = await gatehouse(['channel', 'send', url, '--ca', ca, '--text', 'echo me'], { env });
  assert.deepEqual(sent, { status: 0, stdout: 'echo me', stderr: '' });
  const message = file('message.txt', 'echo a file');
  const { fingerprint } = authority.signer;
  const json = await gatehouse(
    ['channel', 'send', url, '--pin', fingerprint, '--data-file', message, '--json'],
    { env },
  );
  assert.deepEqual(JSON.parse(json.stdout), {
    status: 200,
    content: Buffer.from('echo a file').toString('base64'),
  });
  const quiet = await gatehouse(['channel', 'send', url, '--ca', ca, '--text', 'quiet'], { env });
  assert.deepEqual(quiet, { status: 0, stdout: '', stderr: 'received; there is no answer\n' });
  const missing = await gatehouse(['channel', 'send', url, '--ca', ca, '--text', 'missing'], { env });
  assert.deepEqual([missing.status, missing.stdout], [14, 'no such thing']);
  assert.deepEqual(messages, ['echo me', 'echo a file', 'quiet', 'missing']);
});

test('send sends nothing to an endpoint whose key is not trusted', async (t) => {
  const { url, env, messages } = await serving(t, authority);
  const sent = await gatehouse(['channel', 'send', url, '--text', 'secret'], { env });
  assert.deepEqual([sent.status, sent.stdout], [5, '']);
  assert.equal((await gatehouse(['channel', 'send', url], { env })).status, 2);
  assert.deepEqual(messages, []);
});

test('fingerprint prints the pin and the record, and warns if the certificate is for other hosts', async (t) => {
  const { fingerprint: pin, chain } = authority.signer;
  const body = { pin, chain, names: ['localhost'], notAfter: '2030-01-01T00:00:00.000Z' };
  const { env } = await startFakeAdmin(t, { 'GET /admin/channel': { body } });
  const record = (host: string) => `_gatehouse-channel.${host}. IN TXT "v=gatehouse-channel1; pin=${pin}"`;
  const own = await gatehouse(['channel', 'fingerprint', '--name', 'localhost'], { env });
  const [first, digits, ...rest] = own.stdout.trimEnd().split('\n');
  assert.deepEqual([own.status, first, rest.at(-1), own.stderr], [0, pin, record('localhost'), '']);
  assert.match(digits ?? '', /^\d{5}(?: \d{5}){7}$/);
  assert.equal(rest.filter((line) => /[█▀▄]/.test(line)).length > 10, true, 'a QR code');
  const json = await gatehouse(['channel', 'fingerprint', '--name', 'API.example.com.', '--json'], { env });
  assert.deepEqual(JSON.parse(json.stdout), { pin, digits, dns: [record('api.example.com')] });
  const other = await gatehouse(['channel', 'fingerprint', '--name', 'api.example.com'], { env });
  assert.match(other.stderr, /warning: the certificate of this key is not for api\.example\.com/);
  assert.equal((await gatehouse(['channel', 'fingerprint', '--name', '127.0.0.1'], { env })).status, 2);
});

interface Explained {
  textbook: { p: number; g: number; client: Side<number>; server: Side<number> };
  x25519: {
    url: string | null;
    clientId: string | null;
    client: Side<string>;
    server: Side<string | null>;
    fernet: { key: string; signing: string; encryption: string };
    message: string;
    token: { text: string; parts: { name: string; offset: number; length: number; hex: string }[] };
    wire: { request: { method: string }; answer: { status: number } }[];
    signedBy: string | null;
  };
}

interface Side<Number> {
  private: Number;
  public: Number;
  shared: Number;
}

test('explain shows correct numbers: of the textbook, of both ends, of the key and of the token', async () => {
  const { status, stdout } = await gatehouse(['channel', 'explain', '--json', '--text', 'fluffy tail']);
  assert.equal(status, 0);
  const { textbook, x25519 } = JSON.parse(stdout) as Explained;
  assert.deepEqual([textbook.p, textbook.g], [23, 5]);
  for (const [one, other] of [
    [textbook.client, textbook.server],
    [textbook.server, textbook.client],
  ] as const) {
    assert.equal(5n ** BigInt(one.private) % 23n, BigInt(one.public));
    assert.equal(BigInt(other.public) ** BigInt(one.private) % 23n, BigInt(one.shared));
  }
  const { client, server, fernet, token } = x25519;
  assert.equal(client.shared, server.shared);
  assert.notEqual(client.private, server.private);
  assert.equal(Buffer.from(fernet.key, 'base64url').toString('hex'), client.shared);
  const parts = Object.fromEntries(token.parts.map(({ name, hex }) => [name, Buffer.from(hex, 'hex')]));
  assert.equal(
    token.parts.map(({ hex }) => hex).join(''),
    Buffer.from(token.text, 'base64url').toString('hex'),
  );
  const signed = Buffer.concat(token.parts.slice(0, -1).map(({ hex }) => Buffer.from(hex, 'hex')));
  const mac = createHmac('sha256', Buffer.from(fernet.signing, 'hex')).update(signed).digest();
  assert.deepEqual(parts.mac, mac);
  const cipher = createDecipheriv(
    'aes-128-cbc',
    Buffer.from(fernet.encryption, 'hex'),
    parts['initialisation vector'] ?? '',
  );
  assert.equal(
    cipher.update(parts.ciphertext ?? Buffer.alloc(0), undefined, 'utf8') + cipher.final('utf8'),
    'fluffy tail',
  );
});

test('explain makes a real exchange with an endpoint, which reads the message', async (t) => {
  const { url, env, messages } = await serving(t, undefined);
  const { status, stdout } = await gatehouse(['channel', 'explain', url, '--json'], { env });
  assert.equal(status, 0);
  const { x25519 } = JSON.parse(stdout) as Explained;
  assert.deepEqual(messages, ['I have a dream']);
  assert.deepEqual([x25519.server.private, x25519.server.shared, x25519.signedBy], [null, null, null]);
  assert.deepEqual(
    x25519.wire.map(({ request, answer }) => `${request.method} ${answer.status}`),
    ['GET 200', 'POST 200', 'POST 200'],
  );
  const plaintext = await createFernet(x25519.fernet.key).decrypt(x25519.token.text);
  assert.equal(new TextDecoder().decode(plaintext), 'I have a dream');
});

test('explain fits a terminal of 80 columns, and names every number', async (t) => {
  const { url, env } = await serving(t, authority);
  for (const args of [[], [url]]) {
    const { stdout } = await gatehouse(['channel', 'explain', ...args], { env });
    const lines = stdout.split('\n');
    const long = lines.filter((line) => line.length > 80);
    assert.deepEqual(long, []);
    for (const words of ['B = 5^15 mod 23 = 19', 'shared', 'Fernet key', 'initialisation vector']) {
      assert.ok(stdout.includes(words), words);
    }
  }
});

test('explain fails if the answers are not those of an encrypted endpoint', async (t) => {
  const { url, env } = await answering(t, () => '{"client_id": "1", "pub": "no key"}');
  const { status, stderr } = await gatehouse(['channel', 'explain', url], { env });
  assert.equal(status, 1);
  assert.match(stderr, /offers no X25519 key/);
});

test('verify and send refuse a signer that differs from the stored one, until a pin names it', async (t) => {
  const [first, second] = [authority, signingAuthority()];
  let current = first;
  const { url, env: own, file, messages } = await serving(t, () => current.signer);
  const env = { ...own, XDG_CONFIG_HOME: temporaryFolder(t) };
  const ca = file('roots.pem', first.root + second.root);
  const run = (...words: string[]) => gatehouse(['channel', ...words, '--ca', ca], { env });
  assert.match((await run('verify', url)).stdout, /seen\s+for the first time/);
  assert.match((await run('verify', url)).stdout, /seen\s+since \d{4}-/);
  const stored = join(env.XDG_CONFIG_HOME, 'gatehouse', 'known-signers.json');
  assert.equal(statSync(stored).mode & 0o777, 0o600);
  current = second;
  const { fingerprint: pin } = second.signer;
  for (const words of [
    ['verify', url],
    ['send', url, '--text', 'secret'],
  ]) {
    const { status, stdout, stderr } = await run(...words);
    assert.deepEqual([status, stdout], [6, '']);
    assert.match(stderr, new RegExp(`signed by ${RegExp.escape(pin)} \\((?:\\d{5} ?){8}\\)`));
    assert.ok(stderr.includes(`it was ${first.signer.fingerprint}`) && stderr.includes('with --pin'));
  }
  assert.deepEqual(messages, []);
  assert.equal((await run('verify', url, '--pin', WRONG_PIN)).status, 6);
  assert.equal((await run('verify', url)).status, 6, 'the wrong pin has changed nothing');
  assert.equal((await run('verify', url, '--pin', pin)).status, 0);
  assert.equal((await run('send', url, '--text', 'secret')).status, 0);
  current = first;
  assert.equal((await run('verify', url)).status, 6);
  const other = await gatehouse(['channel', 'verify', url, '--ca', file('first.pem', first.root)], { env });
  assert.equal(other.status, 0, 'with other roots, the user means another authority');
});

async function serving(
  t: TestContext,
  signing: SigningAuthority | undefined | (() => SigningAuthority['signer']),
) {
  const messages: string[] = [];
  const endpoint = createEncryptedEndpoint({
    onMessage: (plaintext) => {
      const text = new TextDecoder().decode(plaintext);
      messages.push(text);
      if (text === 'missing') return { status: 404, content: 'no such thing' };
      return text.startsWith('echo') ? text : undefined;
    },
    signer: () => (typeof signing === 'function' ? signing() : signing?.signer),
  });
  const handle = createEncryptedHandler(endpoint);
  return {
    ...(await listening(
      t,
      createServer((request, response) => void handle(request, response)),
    )),
    messages,
  };
}

function answering(t: TestContext, body: () => string) {
  return listening(
    t,
    createServer((_, response) => response.end(body())),
  );
}

async function listening(t: TestContext, server: ReturnType<typeof createServer>) {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  t.after(() => server.close());
  const folder = temporaryFolder(t);
  const file = (name: string, content: string) => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/encrypted/`, env: { GATEHOUSE_DATA: folder }, file };
}

// The encrypted endpoint with Python's requests and cryptography: verification of the key, and messages of an
// attacker, at the sample services and at a route of the gateway with several workers. Each request has a new
// connection.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { run, type Up, up } from '../support/gatehouse-command.ts';
import { ask } from '../support/https-client.ts';
import { without, withoutPython } from '../support/programs.ts';
import { startRecordingUpstream } from '../support/upstreams.ts';

const CLIENT = join(import.meta.dirname, '../support/encrypted-client.py');
const skip =
  withoutPython(['requests', 'cryptography.fernet'], 'python3-requests python3-cryptography') ||
  without('openssl', 'version');
const REFUSED = [400, '{"error": "Bad request"}'];
const BAD_KEYS = 17;

interface Attempts extends Record<string, unknown> {
  fingerprint: string;
  'bad keys': unknown[];
}

test('at the sample services', { skip }, async (t) => {
  const folder = temporaryFolder(t);
  const data = join(folder, 'data');
  mkdirSync(data);
  const server = await up({ data });
  t.after(() => server.stop());
  const url = `${server.ready.samples?.replace('127.0.0.1', 'localhost')}/encrypted/`;

  await t.test(
    'messages are accepted once, in their time and session, and all others are refused in the same way',
    async () => {
      const attempts = await attack(url, server.ready.rootCertificate);
      assertAttempts(attempts);
      assert.equal(attempts.reply, null);
      assert.doesNotMatch(server.stderr(), /Error:|first|a little/);
      assert.match(server.stderr(), /"reason":"cipher_text_repeated"/);
    },
  );

  await t.test('the metrics count its messages, and refusals by their reason', async () => {
    const authorization = `Bearer ${await server.key('metrics')}`;
    const { controlPort: port, ca } = server;
    const page = (await ask({ port, ca, path: '/metrics', headers: { authorization } })).text();
    for (const result of ['decrypted', 'cipher_text_repeated', 'pub_key_low_order']) {
      assert.match(page, new RegExp(`^gatehouse_sample_messages_total\\{result="${result}"\\} [1-9]`, 'm'));
    }
  });

  await t.test('after a flood of offers, another client is served', async () => {
    const statuses = new Set<number>();
    for (let index = 0; index < 2000; index += 1) statuses.add((await drained(await fetch(url))).status);
    assert.deepEqual([...statuses], [200]);
    assert.equal((await server.command(['channel', 'send', url, '--text', 'hello'])).status, 0);
  });

  await t.test(
    'channel verify exits with 0, 5 and 6, also if an attacker changes the answer on the way',
    async () => {
      const { pin, dns } = await server.json<{ pin: string; dns: string[] }>(
        ...['channel', 'fingerprint', '--name', 'localhost'],
      );
      const record = join(folder, 'record.txt');
      writeFileSync(record, dns.join('\n'));
      const strangers = await strangersRoot(folder);
      const verify = async (target: string, ...flags: string[]) =>
        (await server.command(['channel', 'verify', target, ...flags])).status;
      assert.equal(await verify(url), 0);
      assert.equal(await verify(url, '--pin', pin), 0);
      assert.equal(await verify(url, '--dns-record', record), 0);
      assert.equal(await verify(url, '--ca', strangers), 5);
      assert.equal(await verify(url, '--pin', `sha256/${'A'.repeat(43)}=`), 6);
      const other = (await (await fetch(url)).json()) as Record<string, string>;
      for (const change of [
        { pub: other.pub },
        { client_id: other.client_id },
        { expires: '2999-01-01T00:00:00Z' },
        { expires: '2001-01-01T00:00:00Z' },
        { signature: other.signature },
        { signature: undefined },
        { fingerprint: `sha256/${'A'.repeat(43)}=` },
      ]) {
        const changed = await changingProxy(t, url, change);
        assert.equal(await verify(changed), 5, JSON.stringify(change));
      }
    },
  );

  await t.test('the pin stays after a restart, and changes when the certificate is revoked', async () => {
    const pinOf = async (of: Up) =>
      (await of.json<{ pin: string }>('channel', 'fingerprint', '--name', 'localhost')).pin;
    const before = await pinOf(server);
    await server.stop();
    const again = await up({ data });
    t.after(() => again.stop());
    assert.equal(await pinOf(again), before);
    const endpoint = `${again.ready.samples}/encrypted/`;
    const { chain = '' } = (await (await fetch(endpoint)).json()) as Record<string, string>;
    const file = join(folder, 'channel.pem');
    writeFileSync(file, chain);
    const shown = await run('openssl', ['x509', '-in', file, '-noout', '-serial']);
    const serial = shown.stdout.trim().replace('serial=', '').toLowerCase();
    await again.json('cert', 'revoke', serial, '--reason', 'keyCompromise');
    assert.notEqual(await pinOf(again), before);
    const replaced = (await (await fetch(endpoint)).json()) as Record<string, string>;
    assert.equal(replaced.fingerprint, await pinOf(again));
    assert.equal((await again.command(['channel', 'verify', endpoint])).status, 0);
  });
});

test('at a route of the gateway, for an upstream without encryption', { skip }, async (t) => {
  const folder = temporaryFolder(t);
  const upstream = await startRecordingUpstream();
  t.after(() => upstream.close());
  upstream.on('/sealed', (request, response, recorded) => {
    request.on('end', () =>
      response.writeHead(200, { 'x-secret': 'no' }).end(`got ${recorded.body.toString()}`),
    );
  });
  upstream.on('/sealed/missing', (request, response) => {
    request.on('end', () => response.writeHead(404).end('no such order'));
  });
  const config = join(folder, 'gatehouse.config.json');
  const route = { path: '/sealed/*', channel: { contentType: 'text/plain' }, allow: { roles: ['user'] } };
  const routes = [route, { path: '/*' }];
  writeFileSync(config, JSON.stringify({ gateway: { upstream: upstream.origin, routes } }));
  const server = await up({ config, set: ['gateway.workers=3', 'log.level=info'] });
  t.after(() => server.stop());
  const keyFile = join(folder, 'robot.key');
  writeFileSync(keyFile, await server.key('user'), { mode: 0o600 });
  const url = `https://localhost:${server.port}/sealed`;

  await t.test('messages are accepted once in all workers, and their answers are encrypted', async () => {
    const attempts = await attack(url, server.ready.rootCertificate, keyFile);
    assertAttempts(attempts);
    assert.equal(attempts.reply, 'got first');
    const bodies = upstream.requests.map(({ body }) => body.toString());
    assert.deepEqual(bodies, ['first', 'a little old', 'a little new', 'last', 'other']);
    const [request] = upstream.requests;
    assert.deepEqual([request?.method, request?.url], ['POST', '/sealed']);
    assert.equal(request?.headers['content-type'], 'text/plain');
    assert.match(String(request?.headers['gatehouse-assertion']), /^ey/);
    assert.doesNotMatch(server.stderr(), /a little/);
    assert.match(server.stderr(), /"event":"gateway\.channel_refused"/);
  });

  await t.test('without a credential there is neither an offer nor a message', async () => {
    const script = [
      'import requests, sys',
      'for r in (requests.get(sys.argv[1], verify=sys.argv[2]), requests.post(sys.argv[1], json={}, verify=sys.argv[2])):',
      '  print(r.status_code, r.json()["code"])',
    ];
    const { stdout } = await run('python3', ['-c', script.join('\n'), url, server.ready.rootCertificate]);
    assert.equal(stdout, '401 unauthenticated\n401 unauthenticated\n');
  });

  await t.test('the client gets the status of the upstream, and its content is encrypted', async () => {
    const flags = ['--key-file', keyFile, '--text', 'x'];
    const sent = await server.command(['channel', 'send', `${url}/missing`, ...flags]);
    assert.deepEqual([sent.status, sent.stdout], [14, 'no such order']);
    const explained = await server.command(['channel', 'explain', url, '--key-file', keyFile, '--json']);
    const { x25519 } = JSON.parse(explained.stdout) as { x25519: { wire: { answer: { body: string } }[] } };
    assert.doesNotMatch(JSON.stringify(x25519.wire), /got I have/);
  });

  await t.test('a route can be opened and closed while the server runs', async () => {
    const plain = { ...route, channel: undefined };
    writeFileSync(
      config,
      JSON.stringify({ gateway: { upstream: upstream.origin, routes: [plain, { path: '/*' }] } }),
    );
    await server.json('config', 'reload');
    assert.notEqual((await server.command(['channel', 'verify', url, '--key-file', keyFile])).status, 0);
    writeFileSync(config, JSON.stringify({ gateway: { upstream: upstream.origin, routes } }));
    await server.json('config', 'reload');
    assert.equal((await server.command(['channel', 'verify', url, '--key-file', keyFile])).status, 0);
  });
});

function assertAttempts(attempts: Attempts): void {
  assert.equal(attempts.fingerprint, attempts.computed);
  assert.deepEqual(attempts.keys, ['chain', 'client_id', 'expires', 'fingerprint', 'pub', 'signature']);
  const exchanged = [200, '{"message": "Shared secret successfully calculated"}'];
  assert.deepEqual([attempts.exchange, attempts['same key']], [exchanged, exchanged]);
  assert.deepEqual(attempts.message, [200, 'Successfully Decrypted Data']);
  for (const refused of ['other key', 'replay', 'old', 'new', 'splice', 'before the key']) {
    assert.deepEqual(attempts[refused], REFUSED, refused);
  }
  for (const accepted of ['a little old', 'a little new', 'afterwards', 'other session']) {
    assert.equal(attempts[accepted], 200, accepted);
  }
  assert.deepEqual(attempts['bad keys'], new Array(BAD_KEYS).fill(REFUSED));
  assert.deepEqual(attempts.mutants, [REFUSED]);
}

async function attack(...args: string[]): Promise<Attempts> {
  const { status, stdout, stderr } = await run('python3', [CLIENT, ...args]);
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout) as Attempts;
}

/** An attacker on the way, if there is no TLS. Returns its own URL. */
async function changingProxy(t: TestContext, url: string, change: object): Promise<string> {
  const server = createServer(async (_, response) => {
    const offer = (await (await fetch(url)).json()) as object;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ ...offer, ...change }));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://localhost:${(server.address() as AddressInfo).port}/encrypted/`;
}

async function strangersRoot(folder: string): Promise<string> {
  const out = join(folder, 'strangers-ca.pem');
  const options = [
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-subj',
    '/CN=strangers',
  ];
  const { status, stderr } = await run('openssl', [
    ...['req', '-x509', ...options, '-keyout', join(folder, 'strangers.key'), '-out', out],
  ]);
  assert.equal(status, 0, stderr);
  return out;
}

async function drained(response: Response): Promise<Response> {
  await response.arrayBuffer();
  return response;
}

function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-encrypted-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

// The gateway between servers and clients of others: Python's http.server and curl, Flask, and ws. Content
// arrives unchanged, complete, without delay, and with limited memory. The upstream learns the caller only
// from the assertion.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  closeSync,
  createReadStream,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';
import type { TestContext } from 'node:test';
import { after, test } from 'node:test';
import type { Up } from '../support/gatehouse-command.ts';
import { peakMemoryBytes, run, signIn, up } from '../support/gatehouse-command.ts';
import { ask } from '../support/https-client.ts';
import { startProgram, without, withoutPython } from '../support/programs.ts';

const LARGE_BYTES = 100 * 1024 * 1024;
const MAX_RESIDENT_BYTES = 300 * 1024 * 1024;

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-upstreams-'));
const large = join(folder, 'www/large.bin');
const digest = writeLargeFile();
after(() => rmSync(folder, { recursive: true, force: true }));

test('Python’s http.server behind the gateway, curl before it', {
  skip: without('curl') || withoutPython(['http.server'], 'python3'),
}, async (t) => {
  const arguments_ = [
    '-u',
    '-m',
    'http.server',
    '0',
    '--bind',
    '127.0.0.1',
    '--directory',
    join(folder, 'www'),
  ];
  const upstream = await startProgram('python3', arguments_, /port (\d+)/);
  t.after(upstream.stop);
  const server = await up({ upstream: `http://127.0.0.1:${upstream.port}` });
  t.after(server.stop);
  const identity = curlIdentity(server, await server.key('user'));
  const curl = (...args: string[]) => run('curl', [...identity, ...args]);
  const url = `${server.ready.gateway}/large.bin`;

  await t.test(
    '100 MB arrive unchanged three times at once, while a fourth client reads slowly',
    async () => {
      const copies = ['a', 'b', 'c'].map((name) => join(folder, name));
      const slow = curl('--limit-rate', '1M', '--max-time', '2', '--output', '/dev/null', url);
      const outcomes = await Promise.all(copies.map((path) => curl('--output', path, url)));
      assert.deepEqual(
        outcomes.map(({ status }) => status),
        [0, 0, 0],
      );
      const digests = await Promise.all(copies.map((path) => fileDigest(path)));
      assert.deepEqual(digests, [digest, digest, digest]);
      const timedOut = 28;
      assert.equal((await slow).status, timedOut);
    },
  );

  await t.test(
    'a file that the client already has is not sent again: 304 without a body (RFC 9110 §15.4.5)',
    async () => {
      const fields = ['--output', '/dev/null', '--write-out', '%{http_code} %{size_download}'];
      const { stdout } = await curl(...fields, '--time-cond', large, url);
      assert.equal(stdout, '304 0');
    },
  );

  await t.test('HEAD gets the length and no content (RFC 9110 §9.3.2)', async () => {
    const { stdout, status } = await curl('--head', url);
    assert.match(stdout, /^HTTP\/1\.1 200 /);
    assert.match(stdout, new RegExp(`^content-length: ${LARGE_BYTES}\r$`, 'im'));
    assert.equal(status, 0);
  });

  await t.test('memory stays under 300 MB', (t) => staysBounded(t, server));
});

test('Flask behind the gateway, curl before it', {
  skip: without('curl') || withoutPython(['flask', 'cryptography'], 'python3-flask python3-cryptography'),
}, async (t) => {
  const data = join(folder, 'data');
  mkdirSync(data);
  const script = join(import.meta.dirname, '../support/flask-upstream.py');
  const upstream = await startProgram('python3', ['-B', script, data], /listening on (\d+)/);
  t.after(upstream.stop);
  const origin = `http://127.0.0.1:${upstream.port}`;
  const server = await up({ upstream: origin, data });
  t.after(server.stop);
  const key = await server.key('admin');
  const identity = curlIdentity(server, key);
  const curl = (...args: string[]) => run('curl', [...identity, ...args]);
  const { gateway } = server.ready;
  const json = async (...args: string[]) => JSON.parse((await curl(...args)).stdout);

  await t.test('100 MB are uploaded with a length, after 100 Continue (RFC 9110 §10.1.1)', async () => {
    assert.deepEqual(await json('--upload-file', large, `${gateway}/upload`), {
      sha256: digest,
      length: LARGE_BYTES,
    });
  });

  await t.test('100 MB are uploaded in chunks (RFC 9112 §7.1)', async () => {
    const chunked = ['--upload-file', large, '--header', 'Transfer-Encoding: chunked'];
    assert.deepEqual(await json(...chunked, `${gateway}/upload`), { sha256: digest, length: LARGE_BYTES });
  });

  await t.test('each server-sent event arrives before the next one is sent', async () => {
    const received: string[] = [];
    const reader = spawn('curl', [...identity, '--no-buffer', `${gateway}/events`]);
    for await (const line of createInterface(reader.stdout)) {
      if (!line.startsWith('data: ')) continue;
      received.push(line.slice('data: '.length));
      const path = '/events/acknowledged';
      const { status } = await ask({ ...server, path, method: 'POST', headers: { 'x-api-key': key } });
      assert.equal(status, 204);
    }
    assert.deepEqual(received, ['event 1', 'event 2', 'event 3', 'event 4', 'event 5']);
  });

  await t.test('redirects lead to the gateway, for a path and for the upstream’s own origin', async () => {
    for (const kind of ['path', 'absolute']) {
      const { stdout } = await curl(
        '--location',
        '--write-out',
        '%{url_effective}',
        `${gateway}/redirect/${kind}`,
      );
      assert.equal(stdout, `reached the target\n${gateway}/target`, kind);
    }
    const { stdout } = await curl(
      '--output',
      '/dev/null',
      '--write-out',
      '%{redirect_url}',
      `${gateway}/redirect/elsewhere`,
    );
    assert.equal(stdout, 'http://example.test/');
  });

  await t.test('HEAD and 204 have no body, and the connection continues (RFC 9112 §6.3)', async () => {
    const fields = [
      '--write-out',
      '%{http_code} %{size_download} %{num_connects}\n',
      '--output',
      '/dev/null',
    ];
    const { stdout } = await curl(
      ...[...fields, '--head', `${gateway}/target`, '--next', ...identity],
      ...[...fields, '--request', 'DELETE', `${gateway}/thing`, '--next', ...identity],
      ...[...fields, `${gateway}/target`],
    );
    assert.equal(stdout, '200 0 1\n204 0 0\n200 19 0\n');
  });

  await t.test(
    'headers that identify the caller are replaced or removed, in every spelling that WSGI accepts',
    async () => {
      const { environ, names } = await json(...forgedFields(), `${gateway}/echo`);
      const forged = Object.entries(environ).filter(([, value]) => String(value).includes('forged'));
      assert.deepEqual(forged, []);
      assert.equal(environ.HTTP_X_FORWARDED_FOR, '127.0.0.1');
      assert.equal(environ.HTTP_X_FORWARDED_PROTO, 'https');
      assert.equal(environ.HTTP_X_FORWARDED_HOST, `localhost:${server.port}`);
      assert.equal(environ.HTTP_HOST, new URL(origin).host);
      assert.equal(environ.HTTP_X_API_KEY, undefined);
      assert.equal(environ.HTTP_AUTHORIZATION, undefined);
      assert.equal(environ.HTTP_X_PLAIN, 'passes');
      assert.equal(environ.HTTP_COOKIE, 'a=b');
      assert.equal(names.filter((name: string) => name === 'gatehouse-assertion').length, 1);
    },
  );

  await t.test('cryptography verifies the assertion: an API key (docs/wire/assertion.md)', async () => {
    const { sub, roles, amr, route, iat, exp } = await json(...forgedFields(), `${gateway}/who`);
    assert.deepEqual(
      { sub, roles, amr, route },
      { sub: 'key-1', roles: ['admin'], amr: ['swk'], route: '1:/*' },
    );
    assert.equal(exp - iat, 60);
  });

  await t.test('cryptography verifies the assertion: a person with an access token', async () => {
    const password = 'correct horse battery staple';
    await server.command(['user', 'add', 'alice', '--role', 'user', '--password-stdin'], { input: password });
    const token = await signIn(server, 'alice', password);
    const who = await ask({ ...server, path: '/who', headers: { authorization: `Bearer ${token}` } });
    const { sub, roles, amr } = who.json();
    assert.deepEqual({ sub, roles, amr }, { sub: 'alice', roles: ['user'], amr: ['pwd'] });
  });

  await t.test('memory stays under 300 MB', (t) => staysBounded(t, server));
});

function writeLargeFile(): string {
  mkdirSync(join(folder, 'www'));
  const file = openSync(large, 'w');
  const hash = createHash('sha256');
  const block = randomBytes(1024 * 1024);
  for (let index = 0; index < LARGE_BYTES / block.length; index += 1) {
    block.writeUInt32BE(index, 0);
    hash.update(block);
    writeSync(file, block);
  }
  closeSync(file);
  return hash.digest('hex');
}

async function fileDigest(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

/** A user's options for curl. The key is in a file, because other users can read arguments. */
function curlIdentity(server: Up, key: string): string[] {
  const fields = join(server.data, 'curl-fields');
  writeFileSync(fields, `X-API-Key: ${key}\n`, { mode: 0o600 });
  return ['--silent', '--show-error', '--cacert', server.ready.rootCertificate, '--header', `@${fields}`];
}

/** Identity, proxy and override fields, as an attacker sends them. */
function forgedFields(): string[] {
  const names = [
    ...[
      'X-Forwarded-For',
      'X-Forwarded-Proto',
      'X-Forwarded-Host',
      'X-Forwarded-User',
      'X-Forwarded-Client-Cert',
    ],
    ...[
      'X_Forwarded_For',
      'X-Forwarded_For',
      'Forwarded',
      'X-Real-IP',
      'X-Client-Cert',
      'X-Request-Id',
      'Remote-User',
    ],
    ...[
      'Gatehouse-Assertion',
      'Gatehouse_Assertion',
      'gatehouse-user',
      'X-HTTP-Method-Override',
      'X-Original-URL',
    ],
    ...['Proxy', 'X-Hop'],
  ];
  const fields = names.map((name) => `${name}: forged`);
  return ['Connection: X-Hop', 'X-Plain: passes', 'Cookie: a=b', ...fields].flatMap((field) => [
    '--header',
    field,
  ]);
}

function staysBounded(t: TestContext, server: Up): void {
  const peakBytes = peakMemoryBytes(server);
  if (peakBytes === undefined) t.skip('needs /proc (Linux)');
  else assert.ok(peakBytes < MAX_RESIDENT_BYTES, `the gateway's memory peaked at ${peakBytes} bytes`);
}

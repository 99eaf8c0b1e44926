// The interface for scripts: one JSON document on standard output, one line on standard error, and the exit
// statuses.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { rootCertificates } from 'node:tls';
import type { Outcome } from '../support/gatehouse-command.ts';
import { gatehouse, oneLine, run, signIn, up } from '../support/gatehouse-command.ts';
import { ask } from '../support/https-client.ts';
import { COMMAND } from '../support/program.ts';

const OK = 0;
const FAILED = 1;
const USAGE = 2;
const CONNECT = 3;
const TIMEOUT = 4;
const TLS_TRUST = 5;
const CLIENT_ERROR = 14;
const SERVER_ERROR = 15;

const PASSWORD = 'correct horse battery staple';
/** A reserved port, on which nothing listens. */
const NOWHERE = '127.0.0.1:1';
/** Not UTF-8, and any conversion of line ends would change it. */
const BYTES = Buffer.from([0, 255, 10, 13, 0]);

interface User {
  name: string;
  roles: string[];
  createdAt: string;
}

interface Key {
  id: string;
  name: string;
  roles: string[];
  expiresAt: string;
}

interface Entry {
  seq: number;
  type: string;
  actor: { name: string };
  subject: string;
}

interface Verification {
  ok: boolean;
  entries: number;
  head: { seq: number; hash: string };
  problem?: { seq: number };
}

interface Status {
  version: string;
  gateway: string;
  control: string;
  rootFingerprint: string;
  workers: { state: string }[];
}

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-cli-'));
const waiting = new Set<ServerResponse>();
const upstream = createServer((request, response) => {
  if (request.url === '/never') waiting.add(response);
  else if (request.url === '/bytes') response.end(BYTES);
  else request.pipe(response.setHeader('x-method', request.method ?? ''));
});
await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
const config = file(
  'gatehouse.config.json',
  JSON.stringify({
    gateway: {
      upstream: `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`,
      routes: [{ path: '/down', upstream: `http://${NOWHERE}`, access: 'public' }, { path: '/*' }],
    },
  }),
);
const server = await up({ config });
after(async () => {
  for (const response of waiting) response.destroy();
  await server.stop();
  upstream.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('with --json, one document on standard output and nothing on standard error:', () => {
  it('user add and user list', async () => {
    const added = await server.command(
      ['user', 'add', 'alice', '--role', 'user', '--role', 'metrics', '--password-stdin', '--json'],
      {
        input: `${PASSWORD}\n`,
      },
    );
    const alice = documentOf<User>(added);
    assert.deepEqual({ name: alice.name, roles: alice.roles }, { name: 'alice', roles: ['user', 'metrics'] });
    assert.ok(Date.parse(alice.createdAt) > 0);

    const users = documentOf<User[]>(await server.command(['user', 'list', '--json']));
    assert.deepEqual(users.map(({ name }) => name).sort(), ['admin', 'alice']);
    assert.doesNotMatch(JSON.stringify(users), /argon2|hash/i);
  });

  it('key create, key list and key revoke; the key works in between', async () => {
    const created = documentOf<Key & { key: string }>(
      await server.command(['key', 'create', 'robot', '--role', 'user', '--expires-in', '1h', '--json']),
    );
    const { id, name, key, roles, expiresAt } = created;
    assert.deepEqual({ name, roles }, { name: 'robot', roles: ['user'] });
    assert.equal(key.split('_')[1], id);
    const lifetimeMs = Date.parse(expiresAt) - Date.now();
    assert.ok(lifetimeMs > 3_500_000 && lifetimeMs <= 3_600_000);

    const listed = documentOf<Key[]>(await server.command(['key', 'list', '--json']));
    assert.ok(listed.some((entry) => entry.id === id));
    assert.doesNotMatch(JSON.stringify(listed), new RegExp(key.split('_')[2] ?? ''));

    const status = async () => (await ask({ ...server, path: '/', headers: { 'x-api-key': key } })).status;
    assert.equal(await status(), 200);
    assert.equal(documentOf<Key>(await server.command(['key', 'revoke', id, '--json'])).id, id);
    assert.equal(await status(), 401);
  });

  it('status', async () => {
    const { version, gateway, control, rootFingerprint, workers } = documentOf<Status>(
      await server.command(['status', '--json']),
    );
    assert.match(version, /^\d+\.\d+\.\d+/);
    const { ready } = server;
    assert.deepEqual(
      { gateway, control, rootFingerprint },
      { gateway: ready.gateway, control: ready.control, rootFingerprint: ready.rootFingerprint },
    );
    assert.ok(workers.every(({ state }) => state === 'serving'));
  });

  it('audit tail and audit verify', async () => {
    const entries = documentOf<Entry[]>(await server.command(['audit', 'tail', '-n', '3', '--json']));
    const [start = 0, ...next] = entries.map(({ seq }) => seq);
    assert.deepEqual(next, [start + 1, start + 2]);
    const {
      ok,
      entries: count,
      head,
    } = documentOf<Verification>(await server.command(['audit', 'verify', '--json']));
    assert.deepEqual({ ok, count }, { ok: true, count: head.seq });
    assert.match(head.hash, /^[0-9a-f]{64}$/);
  });
});

describe('without --json', () => {
  it('key create prints only the key on standard output, so that it can go to a file', async () => {
    const { stdout, stderr, status } = await server.command(['key', 'create', 'alone']);
    assert.match(stdout, /^ghk_[a-z2-7]+_[a-z2-7]+_[0-9a-f]{8}\n$/);
    assert.match(stderr, /printed only this once/);
    assert.equal(status, OK);
  });

  it('user add and login refuse a password that is not UTF-8, because two passwords could become the same', async () => {
    const latin1 = (text: string) => Buffer.from(text, 'latin1');
    const add = ['user', 'add', 'latin', '--password-stdin'];
    const refusal = /^gatehouse: standard input is not text in UTF-8 \(at offset 1 /;
    assert.match(
      failure(await server.command(add, { input: latin1('p\xe4sswort und mehr') }), FAILED),
      refusal,
    );
    const added = await server.command(add, { input: Buffer.from('\ufeffp\u00e4sswort und mehr') });
    assert.equal(added.status, OK);
    const login = ['login', 'latin', '--password-stdin'];
    assert.match(
      failure(await server.command(login, { input: latin1('p\xf6sswort und mehr') }), FAILED),
      refusal,
    );
    assert.equal((await server.command(login, { input: 'p\u00e4sswort und mehr' })).status, OK);
  });

  it('lists are tables, without control characters from outside', async () => {
    await ask({ ...server, path: '/', headers: { 'x-api-key': 'nonsense' } });
    const { stdout } = await server.command(['audit', 'tail']);
    assert.match(stdout, /gateway\.request_denied/);
    assert.deepEqual(
      stdout.match(/\p{Cc}/gu)?.filter((character) => character !== '\n'),
      [],
    );
  });
});

describe('exits', () => {
  it('with 1 and one line if the server refuses', async () => {
    const refusals: [string[], string, RegExp][] = [
      [['user', 'add', 'admin', '--password-stdin'], PASSWORD, /admin.*(taken|exists)/],
      [['user', 'add', 'bob', '--password-stdin'], 'short', /8 to 1024 characters/],
      [['user', 'add', '../bob', '--password-stdin'], PASSWORD, /name/i],
      [['user', 'remove', 'zoe'], '', /zoe|no such|no user/i],
      [['key', 'revoke', 'nonsense'], '', /nonsense|no such|no API key/i],
      [['key', 'create', 'x', '--role', 'no role'], '', /role/],
    ];
    for (const [args, input, expected] of refusals) {
      assert.match(failure(await server.command(args, { input }), FAILED), expected, args.join(' '));
    }
  });

  it('with 2 and one line for a wrong command line', async () => {
    const lines: [string[], RegExp][] = [
      [['users'], /no command 'users', did you mean 'user'/],
      [['user', 'add'], /NAME is missing; see --help/],
      [['user', 'list', '--jsn'], /no option --jsn, did you mean --json/],
      [['user', 'add', 'bob'], /give --password-stdin/],
      [['key', 'create', 'x', '--expires-in', 'soon'], /expires-in: expected a duration such as 30s/],
      [['user', 'list', '--token-file', 'x'], /--token-file needs --server/],
      [
        ['user', 'list', '--server', `https://${NOWHERE}`],
        /--server needs --token-file, or a sign-in with 'gatehouse login/,
      ],
      [['request', 'gopher://localhost/'], /https:\/\/, http:\/\/, ftp:\/\/ or ftps:\/\//],
      [['request', `https://${NOWHERE}/`, '-H', 'X-API-Key: secret'], /use --key-file or --token-file/],
    ];
    for (const [args, expected] of lines) {
      const line = failure(await gatehouse(args), USAGE);
      assert.match(line, expected, args.join(' '));
      assert.doesNotMatch(line, /secret/);
    }
  });

  it('with 3 and one line if nothing listens', async () => {
    const tokenFile = secretFile('any.token', 'nonsense');
    const lines: [string[], RegExp][] = [
      [
        ['status', '--data', folder],
        /is not a data folder of Gatehouse: name the right one with --data, or start a new one/,
      ],
      [
        ['status', '--server', `https://${NOWHERE}`, '--token-file', tokenFile],
        /cannot connect to .*: nothing listens there/,
      ],
      [['request', `http://${NOWHERE}/`], /cannot connect to .*: nothing listens there/],
    ];
    for (const [args, expected] of lines) assert.match(failure(await gatehouse(args), CONNECT), expected);
  });

  it('with 4 if the answer does not come in time', async () => {
    const key = secretFile('patient.key', await server.key('user'));
    const outcome = await server.command([
      'request',
      `${server.ready.gateway}/never`,
      '--key-file',
      key,
      '--timeout',
      '1s',
    ]);
    assert.match(failure(outcome, TIMEOUT), /did not answer within 1 s/);
  });

  it('with 5 when no trusted root signed the certificate, before anything is sent', async () => {
    const key = secretFile('careful.key', await server.key('user'));
    const foreign = file('foreign.pem', rootCertificates[0] ?? '');
    for (const trust of [
      ['--data', folder],
      ['--cacert', foreign],
    ]) {
      const outcome = await gatehouse(['request', `${server.ready.gateway}/`, '--key-file', key, ...trust]);
      assert.match(failure(outcome, TLS_TRUST), /no trusted root signed it: .*trust its root certificate/);
    }
  });
});

describe('a result that cannot be delivered is revoked, or not created:', () => {
  it('a key, an EAB key and a certificate that cannot be printed', async () => {
    await server.command(['user', 'add', 'dora', '--password-stdin'], { input: PASSWORD });
    const request = join(folder, 'lost.csr');
    const key = join(folder, 'lost.key');
    await gatehouse(['pki', 'key', '--out', key]);
    await gatehouse(['pki', 'csr', '--key', key, '--name', 'lost.example', '--out', request]);
    for (const args of [
      ['key', 'create', 'lost'],
      ['acme', 'eab', 'create', 'dora'],
      ['cert', 'sign', request],
    ]) {
      const outcome = await shell('exec "$0" "$@" > /dev/full', args);
      assert.match(failure(outcome, FAILED), /output: the disk is full; .+ is therefore revoked$/);
    }
    assert.deepEqual(await left('key', 'list'), []);
    assert.deepEqual(await left('acme', 'eab', 'list'), []);
    assert.deepEqual(await left('cert', 'list', '--status', 'valid'), []);
  });

  it('nothing is created for a file that cannot be written', async () => {
    const out = join(folder, 'unwritable');
    const before = await newestEntry();
    for (const args of [
      ['key', 'create', 'lost', '--out', out],
      ['acme', 'eab', 'create', 'dora', '--out', out],
      ['cert', 'issue', 'lost.example', '--out', folder],
      ['cert', 'sign', join(folder, 'lost.csr'), '--out', out],
    ]) {
      // A limit on the size of files replaces a full disk.
      const outcome = await shell('trap "" XFSZ; ulimit -f 0; exec "$0" "$@"', args);
      assert.match(failure(outcome, FAILED), /cannot write \S+: the file would become larger than/);
      assert.equal(existsSync(out), false);
    }
    assert.equal(await newestEntry(), before);
  });

  const shell = (script: string, args: readonly string[]) =>
    run('sh', ['-c', script, COMMAND, ...args, '--data', server.data]);

  /** The entries of a list that have "lost" or "dora" in them. */
  async function left(...args: string[]): Promise<unknown[]> {
    const all = documentOf<object[]>(await server.command([...args, '--json']));
    return all.filter((each) => /lost|dora/.test(JSON.stringify(each)));
  }

  async function newestEntry(): Promise<number | undefined> {
    const entries = documentOf<Entry[]>(await server.command(['audit', 'tail', '-n', '1', '--json']));
    return entries[0]?.seq;
  }
});

describe('--server and --token-file reach a server from another machine:', () => {
  const options = (tokenFile: string) => [
    ...[
      '--server',
      server.ready.control,
      '--cacert',
      server.ready.rootCertificate,
      '--token-file',
      tokenFile,
    ],
  ];

  it('with an administrator’s token', async () => {
    await server.command(['user', 'password', 'admin', '--password-stdin'], { input: PASSWORD });
    const token = secretFile('admin.token', await signIn(server, 'admin', PASSWORD));
    const users = documentOf<User[]>(await gatehouse(['user', 'list', '--json', ...options(token)]));
    assert.ok(users.some(({ name }) => name === 'admin'));
    documentOf<Key>(await gatehouse(['key', 'create', 'remote', '--json', ...options(token)]));
    const [entry] = documentOf<Entry[]>(
      await gatehouse(['audit', 'tail', '-n', '1', '--json', ...options(token)]),
    );
    assert.deepEqual(
      [entry?.actor.name, entry?.type, entry?.subject],
      ['admin', 'identity.key_created', 'remote'],
    );
  });

  it('but not with the token of another user, nor with a wrong one', async () => {
    await server.command(['user', 'add', 'carol', '--password-stdin'], { input: PASSWORD });
    const token = secretFile('carol.token', await signIn(server, 'carol', PASSWORD));
    assert.match(failure(await gatehouse(['user', 'list', ...options(token)]), FAILED), /not allowed/);
    const nonsense = secretFile('nonsense.token', 'nonsense');
    assert.match(failure(await gatehouse(['user', 'list', ...options(nonsense)]), FAILED), /token/);
  });
});

describe('request', () => {
  it('prints the unchanged body on standard output, and everything else on standard error', async () => {
    const key = secretFile('reader.key', await server.key('user'));
    const output = join(folder, 'bytes');
    const script = 'exec "$0" "$@" > "$OUTPUT"';
    const args = [
      'request',
      '-i',
      `${server.ready.gateway}/bytes`,
      '--key-file',
      key,
      '--data-folder',
      server.data,
    ];
    const { stderr } = await run('sh', ['-c', script, COMMAND, ...args], { environment: { OUTPUT: output } });
    assert.deepEqual(readFileSync(output), BYTES);
    assert.match(stderr, /^HTTP 200 OK\n/);
    assert.match(stderr, /^content-length: 5$/m);
  });

  it('sends a body from standard input', async () => {
    const key = secretFile('writer.key', await server.key('admin'));
    const args = [
      'request',
      '-X',
      'PUT',
      '-i',
      '--data-file',
      '-',
      '--key-file',
      key,
      `${server.ready.gateway}/echo`,
    ];
    const { stdout, stderr, status } = await server.command(args, { input: 'remember the milk' });
    assert.equal(stdout, 'remember the milk');
    assert.match(stderr, /^x-method: PUT$/m);
    assert.equal(status, OK);
  });

  it('exits with 14 for a 4xx and with 15 for a 5xx, only with --check', async () => {
    const { gateway } = server.ready;
    const cases: [string, number][] = [
      ['/', CLIENT_ERROR],
      ['/down', SERVER_ERROR],
    ];
    for (const [path, expected] of cases) {
      const plain = await server.command(['request', `${gateway}${path}`]);
      const checked = await server.command(['request', `${gateway}${path}`, '--check']);
      assert.deepEqual([plain.status, checked.status], [OK, expected]);
      assert.equal(JSON.parse(checked.stdout).request_id.length, 36);
    }
  });
});

/** The document that a command printed. */
function documentOf<T>({ status, stdout, stderr }: Outcome): T {
  assert.equal(status, OK, stderr);
  assert.equal(stderr, '');
  assert.match(stdout, /^[^\n]+\n$/);
  return JSON.parse(stdout) as T;
}

/** The single line of a failed command. */
function failure(outcome: Outcome, expectedStatus: number): string {
  assert.equal(outcome.status, expectedStatus, outcome.stderr);
  assert.equal(outcome.stdout, '');
  const line = oneLine(outcome);
  assert.match(line, /^gatehouse: /);
  return line;
}

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function secretFile(name: string, secret: string): string {
  const path = join(folder, name);
  writeFileSync(path, `${secret}\n`, { mode: 0o600 });
  return path;
}

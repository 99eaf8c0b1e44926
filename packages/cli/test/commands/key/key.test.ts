// gatehouse key: the key is printed once, to standard output with nothing else.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startFakeAdmin } from '../../fake-admin.ts';
import { gatehouse } from '../../fake-process.ts';

const created = { id: 'k1', name: 'robot', key: 'ghk_k1_secret_crc', roles: ['user'], expiresAt: null };
const answers = { 'POST /admin/keys': { status: 201, body: created } };

test('key create prints only the key on standard output, and its facts on standard error', async (t) => {
  const admin = await startFakeAdmin(t, { 'POST /admin/keys': { status: 201, body: created } });
  const outcome = await gatehouse(['key', 'create', 'robot', '--role', 'user'], { env: admin.env });
  assert.equal(outcome.stdout, 'ghk_k1_secret_crc\n');
  assert.match(outcome.stderr, /^API key k1 for robot with user, does not expire\./);
  assert.doesNotMatch(outcome.stderr, /ghk_/);
  assert.deepEqual(admin.calls[0]?.body, { name: 'robot', roles: ['user'] });
});

test('key create --json prints id, name, key and roles', async (t) => {
  const admin = await startFakeAdmin(t, { 'POST /admin/keys': { status: 201, body: created } });
  const outcome = await gatehouse(['key', 'create', 'robot', '--json'], { env: admin.env });
  assert.deepEqual(JSON.parse(outcome.stdout), created);
  assert.equal(outcome.stderr, '');
});

test('key create --out writes the key to a file of mode 0600 and nothing to standard output', async (t) => {
  const admin = await startFakeAdmin(t, { 'POST /admin/keys': { status: 201, body: created } });
  const out = join(admin.folder, 'robot.key');
  const outcome = await gatehouse(['key', 'create', 'robot', '--out', out], { env: admin.env });
  assert.equal(outcome.status, 0);
  assert.equal(outcome.stdout, '');
  assert.ok(outcome.stderr.includes(out));
  assert.doesNotMatch(outcome.stderr, /ghk_/);
  assert.equal(readFileSync(out, 'utf8'), 'ghk_k1_secret_crc\n');
  assert.equal(statSync(out).mode & 0o777, 0o600);
});

test('key create --out --json names the file in place of the key', async (t) => {
  const admin = await startFakeAdmin(t, { 'POST /admin/keys': { status: 201, body: created } });
  const out = join(admin.folder, 'robot.key');
  const args = ['key', 'create', 'robot', '--json', '--out', out];
  const { stdout, stderr } = await gatehouse(args, { env: admin.env });
  const { key: _, ...facts } = created;
  assert.deepEqual(JSON.parse(stdout), { ...facts, file: out });
  assert.equal(stderr, '');
});

test('key create --out refuses an existing file before it makes a key', async (t) => {
  const admin = await startFakeAdmin(t, { 'POST /admin/keys': { status: 201, body: created } });
  const out = join(admin.folder, 'robot.key');
  writeFileSync(out, 'precious');
  const outcome = await gatehouse(['key', 'create', 'robot', '--out', out], { env: admin.env });
  const stderr = `gatehouse: cannot write ${out}: it already exists, and this command does not overwrite it: name another file\n`;
  assert.deepEqual(outcome, { status: 1, stdout: '', stderr });
  assert.equal(readFileSync(out, 'utf8'), 'precious');
  assert.deepEqual(admin.calls, []);
});

test('key create --out leaves no file when the server refuses', async (t) => {
  const admin = await startFakeAdmin(t, {});
  const out = join(admin.folder, 'robot.key');
  assert.equal((await gatehouse(['key', 'create', 'robot', '--out', out], { env: admin.env })).status, 1);
  assert.equal(existsSync(out), false);
});

test('key create revokes a key that it cannot print, for any reason', async (t) => {
  const reasons = {
    ENOSPC: 'the disk is full',
    EPIPE: 'the program that read it has ended',
    EIO: 'the disk reports an error',
  };
  for (const [brokenOutput, reason] of Object.entries(reasons)) {
    for (const json of [[], ['--json']]) {
      const admin = await startFakeAdmin(t, { ...answers, 'DELETE /admin/keys/k1': { status: 204 } });
      const outcome = await gatehouse(['key', 'create', 'robot', ...json], { env: admin.env, brokenOutput });
      const message = `cannot write to standard output: ${reason}; API key k1 is therefore revoked`;
      const inJson = JSON.stringify({ error: { code: 'failed', message, exitStatus: 1 } });
      const stderr = json.length === 0 ? `gatehouse: ${message}\n` : `${inJson}\n`;
      assert.deepEqual(outcome, { status: 1, stdout: '', stderr });
      assert.deepEqual(
        admin.calls.map(({ method, path }) => `${method} ${path}`),
        ['POST /admin/keys', 'DELETE /admin/keys/k1'],
      );
    }
  }
});

test('key create names the command for a key that it can neither print nor revoke', async (t) => {
  const admin = await startFakeAdmin(t, answers);
  const options = { env: admin.env, brokenOutput: 'ENOSPC' };
  const { status, stderr } = await gatehouse(['key', 'create', 'robot'], options);
  assert.equal(status, 1);
  assert.match(stderr, /the disk is full; API key k1 could not be revoked \(There is no such thing\.\): /);
  assert.match(stderr, /: revoke it with gatehouse key revoke k1\n$/);
});

test('key revoke finds the id in a whole key and never repeats the secret', async (t) => {
  const admin = await startFakeAdmin(t, { 'DELETE /admin/keys/k1': { status: 204 } });
  const outcome = await gatehouse(['key', 'revoke', 'ghk_k1_secret_crc'], { env: admin.env });
  assert.deepEqual(outcome, { status: 0, stdout: 'revoked API key k1\n', stderr: '' });
  const cut = await gatehouse(['key', 'revoke', 'k1_secret_crc'], { env: admin.env });
  const stderr = "gatehouse: ID should be a key's id, as 'key list' shows it\n";
  assert.deepEqual(cut, { status: 2, stdout: '', stderr });
  assert.equal(admin.calls.length, 1);
});

test('key create sends its lifetime in seconds', async (t) => {
  const admin = await startFakeAdmin(t, { 'POST /admin/keys': { status: 201, body: created } });
  await gatehouse(['key', 'create', 'robot', '--expires-in', '90d'], { env: admin.env });
  assert.deepEqual(admin.calls[0]?.body, { name: 'robot', expiresInSeconds: 7_776_000 });
});

test('key create sends scopes, networks, and a time to the millisecond; a date means its beginning in UTC', async (t) => {
  const admin = await startFakeAdmin(t, { 'POST /admin/keys': { status: 201, body: created } });
  const limits = ['--scope', 'a', '--scope', 'b', '--allow-address', '10.0.0.0/8'];
  await gatehouse(['key', 'create', 'robot', ...limits, '--expires', '90d'], { env: admin.env });
  const body = { name: 'robot', scopes: ['a', 'b'], addresses: ['10.0.0.0/8'], expiresInSeconds: 7_776_000 };
  assert.deepEqual(admin.calls[0]?.body, body);
  const date = new Date(Date.now() + 400 * 86_400_000).toISOString().slice(0, 10);
  for (const time of [date, `${date}T00:00:00Z`, `${date}T02:00+02:00`]) {
    await gatehouse(['key', 'create', 'robot', '--expires', time], { env: admin.env });
    assert.deepEqual(admin.calls.at(-1)?.body, { name: 'robot', expiresAt: `${date}T00:00:00.000Z` });
  }
});

test("key create prints the server's warnings on standard error, also with --json", async (t) => {
  const warnings = ['No route or policy names the role admn: did you mean admin?'];
  const body = { ...created, roles: ['admn'], warnings };
  const admin = await startFakeAdmin(t, { 'POST /admin/keys': { status: 201, body } });
  const args = ['key', 'create', 'robot', '--role', 'admn', '--json'];
  const { stdout, stderr } = await gatehouse(args, { env: admin.env });
  assert.deepEqual(JSON.parse(stdout), body);
  assert.equal(stderr, `gatehouse: warning: ${warnings[0]}\n`);
});

test('key create refuses an end in the past, an invalid one, and two of them', async () => {
  const errorOf = async (...args: string[]) => (await gatehouse(['key', 'create', 'k', ...args])).stderr;
  assert.match(await errorOf('--expires', '2020-01-31'), /--expires should be a time in the future\n/);
  assert.match(
    await errorOf('--expires', '2030-13-01'),
    /--expires: expected a time such as 2030-01-31T12:00:00Z, or a duration/,
  );
  assert.match(await errorOf('--expires', 'tomorrow'), /--expires: expected a time such as 2030-01-31/);
  assert.match(
    await errorOf('--expires', '1d', '--expires-in', '1d'),
    /give --expires or --expires-in, not both/,
  );
  assert.match(await errorOf('--expires', '9999-12-31'), /--expires should be at most ten years away\n/);
});

const key = {
  id: 'k1',
  name: 'robot',
  roles: ['user'],
  scopes: [],
  addresses: ['10.0.0.0/8'],
  state: 'active',
  createdAt: 'C',
  expiresAt: null,
  lastUsedAt: null,
  revokedAt: null,
};

test('key list prints a table without secrets, with revoked keys on request', async (t) => {
  const revoked = { ...key, id: 'k2', state: 'revoked' };
  const admin = await startFakeAdmin(t, {
    'GET /admin/keys': { body: [key] },
    'GET /admin/keys?revoked=true': { body: [key, revoked] },
  });
  const linesOf = async (...args: string[]) =>
    (await gatehouse(['key', 'list', ...args], { env: admin.env })).stdout.trimEnd().split('\n');
  assert.deepEqual(await linesOf(), [
    'ID  SERVICE  ROLES  STATE   SIGNS  SCOPES  FROM        CREATED  EXPIRES  LAST USED',
    'k1  robot    user   active  -      -       10.0.0.0/8  C        never    -',
  ]);
  assert.match((await linesOf('--all'))[2] ?? '', /^k2 .* revoked /);
});

test('key rotate prints the new key, and on standard error the end of the old one', async (t) => {
  const made = { ...created, id: 'k2', replaces: { id: 'k1', expiresAt: '2030-01-01T00:00:00Z' } };
  const admin = await startFakeAdmin(t, { 'POST /admin/keys/k1/rotate': { status: 201, body: made } });
  const outcome = await gatehouse(['key', 'rotate', 'k1', '--overlap', '2h'], { env: admin.env });
  assert.equal(outcome.stdout, 'ghk_k1_secret_crc\n');
  assert.match(outcome.stderr, /The old key k1 is accepted until 2030-01-01T00:00:00Z\.\n$/);
  assert.deepEqual(admin.calls[0]?.body, { overlapSeconds: 7200 });
  const json = await gatehouse(['key', 'rotate', 'k1', '--json'], { env: admin.env });
  assert.deepEqual(JSON.parse(json.stdout), made);
  assert.deepEqual(admin.calls[1]?.body, { overlapSeconds: 3600 });
});

test('key revoke names the key in the path', async (t) => {
  const admin = await startFakeAdmin(t, { 'DELETE /admin/keys/k1': { status: 204 } });
  const outcome = await gatehouse(['key', 'revoke', 'k1'], { env: admin.env });
  assert.deepEqual(outcome, { status: 0, stdout: 'revoked API key k1\n', stderr: '' });
});

test('key show, set, disable and enable name the key by its id, and print the key with --json', async (t) => {
  const key = { ...created, key: undefined, scopes: [], addresses: [], state: 'active', algorithm: null };
  const times = { createdAt: '2026-01-02T03:04:05.000Z', lastUsedAt: null, revokedAt: null };
  const admin = await startFakeAdmin(t, {
    'GET /admin/keys/k1': { body: { ...key, ...times } },
    'POST /admin/keys/k1/limits': { body: { ...key, ...times } },
    'PUT /admin/keys/k1/disabled': { body: { ...key, ...times } },
  });
  const run = async (...args: string[]) => (await gatehouse(['key', ...args], { env: admin.env })).stdout;
  assert.match(await run('show', 'ghk_k1_secret_crc'), /^id +k1\nservice +robot\nroles +user\n/);
  assert.equal(JSON.parse(await run('show', 'k1', '--json')).id, 'k1');
  const limits = ['--scope', 'a', '--any-address', '--expires', '90d'];
  assert.equal(await run('set', 'k1', ...limits), 'changed the key k1 of robot\n');
  await run('set', 'k1', '--no-scopes', '--never-expires');
  assert.equal(await run('disable', 'k1'), 'disabled the key of robot: it is refused\n');
  assert.equal(await run('enable', 'k1'), 'enabled the key of robot: it is accepted again\n');
  assert.deepEqual(
    admin.calls.filter(({ method }) => method !== 'GET').map(({ body }) => body),
    [
      { scopes: ['a'], addresses: [], expiresInSeconds: 7_776_000 },
      { scopes: [], expiresAt: null },
      { disabled: true },
      { disabled: false },
    ],
  );
  const nothing = await gatehouse(['key', 'set', 'k1'], { env: admin.env });
  assert.equal(nothing.status, 2);
  assert.match(nothing.stderr, /say what to change/);
});

test('key remove is the same as key revoke', async (t) => {
  const admin = await startFakeAdmin(t, { 'DELETE /admin/keys/k1': { status: 204 } });
  assert.equal((await gatehouse(['key', 'remove', 'k1'], { env: admin.env })).stdout, 'revoked API key k1\n');
});

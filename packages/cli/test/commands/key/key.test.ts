// gatehouse key: the key is printed once, alone on standard output.
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
  const stderr = `gatehouse: cannot write ${out}: it exists already, and this command does not overwrite it: name another file\n`;
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

test('key create takes back a key that it cannot print, for any reason', async (t) => {
  const reasons = {
    ENOSPC: 'the disk is full',
    EPIPE: 'nothing reads it any more',
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

test('key create says how to revoke a key that it can neither print nor take back', async (t) => {
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
  assert.deepEqual(admin.calls[0]?.body, { name: 'robot', roles: ['user'], expiresInSeconds: 7_776_000 });
});

test('key list prints a table without secrets', async (t) => {
  const key = { id: 'k1', name: 'robot', roles: ['user'], createdAt: 'C', expiresAt: null, lastUsedAt: null };
  const admin = await startFakeAdmin(t, { 'GET /admin/keys': { body: [key] } });
  const outcome = await gatehouse(['key', 'list'], { env: admin.env });
  const lines = [
    'ID  NAME   ROLES  CREATED  EXPIRES  LAST USED',
    'k1  robot  user   C        never    -',
    '',
  ];
  assert.equal(outcome.stdout, lines.join('\n'));
});

test('key revoke names the key in the path', async (t) => {
  const admin = await startFakeAdmin(t, { 'DELETE /admin/keys/k1': { status: 204 } });
  const outcome = await gatehouse(['key', 'revoke', 'k1'], { env: admin.env });
  assert.deepEqual(outcome, { status: 0, stdout: 'revoked API key k1\n', stderr: '' });
});

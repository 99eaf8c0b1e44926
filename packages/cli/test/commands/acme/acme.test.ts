// gatehouse acme: keys for external account binding, and accounts.
import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startFakeAdmin } from '../../fake-admin.ts';
import { gatehouse } from '../../fake-process.ts';

const created = { kid: 'k1', hmacKey: 'c2VjcmV0', name: 'alice', kind: 'user', createdAt: 'C' };

test('eab create prints the key id and the secret', async (t) => {
  const admin = await startFakeAdmin(t, { 'POST /admin/acme/eab': { status: 201, body: created } });
  const outcome = await gatehouse(['acme', 'eab', 'create', 'alice'], { env: admin.env });
  assert.equal(outcome.stdout, 'kid       k1\nhmac key  c2VjcmV0\n');
  assert.match(outcome.stderr, /printed only this once/);
  assert.deepEqual(admin.calls[0]?.body, { name: 'alice' });
  const { stdout } = await gatehouse(['acme', 'eab', 'create', 'alice', '--json'], { env: admin.env });
  assert.deepEqual(JSON.parse(stdout), created);
});

test('eab create --out writes the secret to a file that only this user can read', async (t) => {
  const admin = await startFakeAdmin(t, { 'POST /admin/acme/eab': { status: 201, body: created } });
  const out = join(admin.folder, 'hmac');
  const args = ['acme', 'eab', 'create', 'alice', '--out', out];
  const { stdout, stderr } = await gatehouse(args, { env: admin.env });
  assert.equal(stdout, 'kid       k1\n');
  assert.doesNotMatch(stderr, /c2VjcmV0/);
  assert.equal(readFileSync(out, 'utf8'), 'c2VjcmV0\n');
  assert.equal(statSync(out).mode & 0o777, 0o600);
});

test('eab create revokes a key that it cannot print', async (t) => {
  const admin = await startFakeAdmin(t, {
    'POST /admin/acme/eab': { status: 201, body: created },
    'DELETE /admin/acme/eab/k1': { status: 204 },
  });
  const options = { env: admin.env, brokenOutput: 'ENOSPC' };
  assert.deepEqual(await gatehouse(['acme', 'eab', 'create', 'alice'], options), {
    status: 1,
    stdout: '',
    stderr: 'gatehouse: cannot write to standard output: the disk is full; the key k1 is therefore revoked\n',
  });
  assert.deepEqual(
    admin.calls.map(({ method }) => method),
    ['POST', 'DELETE'],
  );
});

test('eab list, eab revoke and accounts', async (t) => {
  const account = {
    id: 'a1',
    status: 'valid',
    contact: ['mailto:a@example.com'],
    createdAt: 'C',
    owner: { kind: 'user', name: 'alice' },
  };
  const admin = await startFakeAdmin(t, {
    'GET /admin/acme/eab': { body: { keys: [{ kid: 'k1', kind: 'user', name: 'alice', createdAt: 'C' }] } },
    'DELETE /admin/acme/eab/k1': { status: 204 },
    'GET /admin/acme/accounts?limit=500': { body: { accounts: [account], next: null } },
  });
  const run = async (...args: string[]) => (await gatehouse(['acme', ...args], { env: admin.env })).stdout;
  assert.equal(await run('eab', 'list'), 'KID  KIND  NAME   CREATED\nk1   user  alice  C\n');
  assert.equal(await run('eab', 'revoke', 'k1'), 'revoked key k1\n');
  assert.equal(
    await run('accounts'),
    'ID  OWNER  CONTACT               STATUS  CREATED\na1  alice  mailto:a@example.com  valid   C\n',
  );
  assert.deepEqual(JSON.parse(await run('accounts', '--json')), [account]);
});

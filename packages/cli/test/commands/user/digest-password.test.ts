// gatehouse user digest-password: writes only the password to standard output, or to a new file.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { startFakeAdmin } from '../../fake-admin.ts';
import { gatehouse } from '../../fake-process.ts';

const MADE = { name: 'alice', password: 'abcdefgh234567' };
const CALL = 'POST /admin/users/alice/digest-password';
const REMOVAL = 'DELETE /admin/users/alice/digest-password';

test("prints only the password, or with --json the server's document", async (t) => {
  const admin = await startFakeAdmin(t, { [CALL]: { status: 201, body: MADE } });
  const plain = await gatehouse(['user', 'digest-password', 'alice'], { env: admin.env });
  assert.equal(plain.stdout, `${MADE.password}\n`);
  assert.match(plain.stderr, /printed only this once/);
  const document = await gatehouse(['user', 'digest-password', 'alice', '--json'], { env: admin.env });
  assert.deepEqual(JSON.parse(document.stdout), MADE);
});

test('--out writes it to a new file for this user only, and not to the terminal', async (t) => {
  const admin = await startFakeAdmin(t, { [CALL]: { status: 201, body: MADE } });
  const file = join(mkdtempSync(join(tmpdir(), 'gatehouse-digest-')), 'alice.digest');
  const args = ['user', 'digest-password', 'alice', '--out', file, '--json'];
  const { stdout, stderr } = await gatehouse(args, { env: admin.env });
  assert.deepEqual(JSON.parse(stdout), { name: 'alice', file });
  assert.equal(readFileSync(file, 'utf8'), `${MADE.password}\n`);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.ok(!`${stdout}${stderr}`.includes(MADE.password));
  assert.equal((await gatehouse(args, { env: admin.env })).status, 1, 'the file exists');
  assert.equal(admin.calls.length, 1);
});

test('removes a password that it cannot print', async (t) => {
  const admin = await startFakeAdmin(t, { [CALL]: { status: 201, body: MADE }, [REMOVAL]: { status: 204 } });
  const options = { env: admin.env, brokenOutput: 'ENOSPC' };
  const { status, stdout, stderr } = await gatehouse(['user', 'digest-password', 'alice'], options);
  assert.deepEqual([status, stdout], [1, '']);
  assert.match(stderr, /; the digest password of alice is therefore revoked\n$/);
  assert.equal(admin.calls.length, 2);
});

test('--remove removes it, and takes no --out', async (t) => {
  const admin = await startFakeAdmin(t, { [REMOVAL]: { status: 204 } });
  const { stdout, status } = await gatehouse(['user', 'digest-password', 'alice', '--remove'], {
    env: admin.env,
  });
  assert.deepEqual([status, stdout], [0, 'removed the digest password of alice\n']);
  const args = ['user', 'digest-password', 'alice', '--remove', '--out', 'x'];
  assert.equal((await gatehouse(args, { env: admin.env })).status, 2);
  assert.equal(existsSync('x'), false);
});

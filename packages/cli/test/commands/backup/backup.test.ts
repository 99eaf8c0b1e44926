// `gatehouse backup`: it writes a complete file or none, and calls the server only if it can write one.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type AdminAnswers, startFakeAdmin, temporaryFolder } from '../../fake-admin.ts';
import { gatehouse } from '../../fake-process.ts';

const FAILED = 1;
const USAGE = 2;
const CONNECT = 3;
const TAR_BLOCK = 512;
const RECIPIENT = 'age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p';

/** A folder for the backup, and a server that gives these answers. */
async function setUp(t: TestContext, answers: AdminAnswers = {}) {
  const folder = temporaryFolder(t);
  const admin = await startFakeAdmin(t, answers);
  const path = join(folder, 'one.backup');
  // For a recipient: the key of a passphrase takes a second of the processor.
  const backup = (...args: string[]) =>
    gatehouse(['backup', path, '--recipient', RECIPIENT, ...args], { env: admin.env });
  return { ...admin, path, backup, names: () => readdirSync(folder) };
}

test('writes no file for an archive that ends early, and leaves nothing behind', async (t) => {
  for (const length of [0, TAR_BLOCK, 2 * TAR_BLOCK]) {
    const { backup, names } = await setUp(t, { 'POST /admin/backup': { body: Buffer.alloc(length) } });
    const { status, stdout, stderr } = await backup();
    assert.deepEqual({ status, stdout }, { status: FAILED, stdout: '' });
    assert.match(stderr, /^gatehouse: .* truncated [^\n]+\n$/);
    assert.deepEqual(names(), []);
  }
});

test('writes no file for an incomplete answer', async (t) => {
  const { folder, backup, names } = await setUp(t);
  const socket = join(folder, 'broken.sock');
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-length': '100000' });
    response.write(Buffer.alloc(TAR_BLOCK), () => response.destroy());
  }).listen(socket);
  t.after(() => server.close());
  await once(server, 'listening');
  writeFileSync(join(folder, 'control.json'), JSON.stringify({ socket }));
  assert.deepEqual(await backup(), {
    status: FAILED,
    stdout: '',
    stderr: 'gatehouse: the server did not send all of its answer: its log says why\n',
  });
  assert.deepEqual(names(), []);
});

test('does not replace an existing file, and does not call the server', async (t) => {
  const { backup, path, calls } = await setUp(t);
  writeFileSync(path, 'mine');
  const { status, stderr } = await backup();
  assert.equal(status, FAILED);
  assert.match(stderr, /it already exists/);
  assert.equal(readFileSync(path, 'utf8'), 'mine');
  assert.deepEqual(calls, []);
});

test('the passphrase file is not replaced by the backup', async (t) => {
  const { folder, env } = await startFakeAdmin(t, {});
  const file = join(folder, 'passphrase');
  writeFileSync(file, 'correct horse\n', { mode: 0o600 });
  const args = ['backup', file, '--passphrase-file', file, '--force'];
  const { status, stderr } = await gatehouse(args, { env });
  assert.equal(status, USAGE);
  assert.match(stderr, /a file that the command reads/);
});

test('the reason of the server is printed', async (t) => {
  const body = { status: 403, code: 'forbidden', detail: 'Not from here.' };
  const { backup, names } = await setUp(t, { 'POST /admin/backup': { status: 403, body } });
  assert.deepEqual(await backup(), { status: FAILED, stdout: '', stderr: 'gatehouse: Not from here.\n' });
  assert.deepEqual(names(), []);
});

test('without a passphrase file and a terminal, it names the option to give', async (t) => {
  const { env, path } = await setUp(t);
  const { status, stderr } = await gatehouse(['backup', path], { env });
  assert.equal(status, USAGE);
  assert.match(stderr, /no terminal to ask for the new passphrase: give --passphrase-file/);
});

test('refuses a folder that is not a data folder, and does not change it', async (t) => {
  const { backup } = await setUp(t);
  const empty = temporaryFolder(t);
  const none = await backup('--data', join(empty, 'none'));
  assert.equal(none.status, CONNECT);
  assert.match(none.stderr, /there is no data folder/);
  const { status, stderr } = await backup('--data', empty);
  assert.equal(status, CONNECT);
  assert.match(stderr, /is not a data folder of Gatehouse: name the right one with --data/);
  assert.deepEqual(readdirSync(empty), []);
});

test('warns about a passphrase that a program could guess', async (t) => {
  const { folder, path, env } = await setUp(t);
  const file = join(folder, 'passphrase');
  const warned = async (passphrase: string) => {
    writeFileSync(file, `${passphrase}\n`, { mode: 0o600 });
    const { stderr } = await gatehouse(['backup', path, '--passphrase-file', file], { env });
    return stderr.includes('warning: the passphrase has fewer than 12 characters');
  };
  assert.deepEqual([await warned('tiger'), await warned('correct horse battery')], [true, false]);
});

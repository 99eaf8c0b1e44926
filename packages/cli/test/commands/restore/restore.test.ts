// `gatehouse restore`: the refusals before it changes the data folder.
import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../../fake-admin.ts';
import { gatehouse } from '../../fake-process.ts';

const FAILED = 1;
const USAGE = 2;

test('names a missing file, and a file that is not a backup', async (t) => {
  const folder = temporaryFolder(t);
  const [passphrase, other, data] = ['passphrase', 'other', 'data'].map((name) => join(folder, name));
  writeFileSync(passphrase ?? '', 'correct horse\n', { mode: 0o600 });
  writeFileSync(other ?? '', 'a letter');
  const restore = (path: string) =>
    gatehouse(['restore', path, '--data', data ?? '', '--passphrase-file', passphrase ?? '']);
  const missing = await restore(join(folder, 'missing'));
  assert.equal(missing.status, FAILED);
  assert.match(missing.stderr, /^gatehouse: cannot read .*missing: there is no such file\n$/);
  const { status, stderr } = await restore(other ?? '');
  assert.equal(status, FAILED);
  assert.match(stderr, /^gatehouse: .*other is not a backup: [^\n]+\n$/);
  assert.ok(!existsSync(data ?? ''));
});

test("refuses a folder instead of a backup with a clear message, not with the system's error code", async (t) => {
  const folder = temporaryFolder(t);
  const passphrase = join(folder, 'passphrase');
  writeFileSync(passphrase, 'correct horse\n', { mode: 0o600 });
  const { status, stderr } = await gatehouse([
    'restore',
    folder,
    '--data',
    join(folder, 'data'),
    '--passphrase-file',
    passphrase,
  ]);
  assert.equal(status, FAILED);
  assert.match(stderr, /^gatehouse: \S+ cannot be read: it is a folder\.\n$/);
  assert.doesNotMatch(stderr.replace(folder, ''), /E[A-Z]{3,}/); // its random name can have capitals
});

test('without a passphrase file and a terminal, it names the option to give', async (t) => {
  const file = join(temporaryFolder(t), 'one.backup');
  writeFileSync(file, 'a letter');
  const { status, stderr } = await gatehouse(['restore', file, '--data', join(file, 'data')]);
  assert.equal(status, USAGE);
  assert.match(stderr, /no terminal to ask for the passphrase of .*: give --passphrase-file/);
});

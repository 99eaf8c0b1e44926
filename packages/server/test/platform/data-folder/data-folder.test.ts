// The data folder: its permissions, its lock for one server, and files that are written as a whole or not at
// all.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openDataFolder } from '../../../src/platform/data-folder/data-folder.ts';
import { lineRefusal } from '../../support/errors.ts';
import type { Scope } from '../../support/temporary-folder.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const mode = (path: string) => statSync(path).mode & 0o777;

async function open(scope: Scope, path = join(temporaryFolder(scope), 'data')) {
  const folder = await openDataFolder(path);
  scope.after(() => folder.release());
  return folder;
}

async function holdInAnotherProcess(scope: Scope, path: string) {
  const program = fileURLToPath(new URL('../../support/hold-data-folder.ts', import.meta.url));
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, path]);
  scope.after(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return child;
}

test('refuses a folder that everyone can write to, and does not change its mode', async (t) => {
  const shared = temporaryFolder(t);
  chmodSync(shared, 0o1777);
  await assert.rejects(
    openDataFolder(shared),
    lineRefusal('data_folder_unusable', /every user may write to it/),
  );
  assert.equal(statSync(shared).mode & 0o7777, 0o1777);
});

test('creates the folder only for its owner (mode 0700), with its parents', async (t) => {
  const folder = await open(t, join(temporaryFolder(t), 'a', 'b'));
  assert.equal(mode(folder.path), 0o700);
});

test('removes the rights of others from an existing folder', async (t) => {
  const path = temporaryFolder(t);
  chmodSync(path, 0o755);
  await open(t, path);
  assert.equal(mode(path), 0o700);
});

test('writes files only for their owner (mode 0600), unless another mode is given', async (t) => {
  const folder = await open(t);
  folder.write('secret', 'a');
  folder.write('public', 'a', 0o644);
  assert.equal(mode(folder.file('secret')), 0o600);
  assert.equal(mode(folder.file('public')), 0o644);
});

test('replaces a file as a whole and leaves no other file behind', async (t) => {
  const folder = await open(t);
  folder.write('name', 'a longer text');
  folder.write('name', 'short');
  assert.equal(folder.read('name'), 'short');
  assert.deepEqual(
    readdirSync(folder.path).filter((name) => name.startsWith('name')),
    ['name'],
  );
});

test('a write that fails leaves the old file and no half-written one', async (t) => {
  const folder = await open(t);
  // A folder cannot be replaced by a file, so the last step of the write fails.
  mkdirSync(folder.file('name'));
  writeFileSync(join(folder.file('name'), 'inside'), 'old');
  assert.throws(
    () => folder.write('name', 'new'),
    lineRefusal('data_folder_unusable', /name cannot be written/),
  );
  assert.equal(readFileSync(join(folder.file('name'), 'inside'), 'utf8'), 'old');
  assert.deepEqual(
    readdirSync(folder.path).filter((name) => name.startsWith('name')),
    ['name'],
  );
});

test('replaces a half-written file of a killed process, without following a link or using its mode', async (t) => {
  const folder = await open(t);
  const temporary = (name: string) => folder.file(`${name}.${process.pid}.tmp`);
  writeFileSync(folder.file('elsewhere'), 'untouched');
  symlinkSync(folder.file('elsewhere'), temporary('a'));
  writeFileSync(temporary('b'), 'half', { mode: 0o644 });
  for (const name of ['a', 'b']) {
    folder.write(name, 'new');
    assert.equal(readFileSync(folder.file(name), 'utf8'), 'new');
    assert.equal(mode(folder.file(name)), 0o600);
  }
  assert.equal(folder.read('elsewhere'), 'untouched');
});

test('reads undefined for a missing file, and removes a missing file without an error', async (t) => {
  const folder = await open(t);
  assert.equal(folder.read('name'), undefined);
  folder.write('name', 'text');
  folder.remove('name');
  folder.remove('name');
  assert.equal(folder.read('name'), undefined);
});

test('refuses a path that is not a folder or leads through a file, and says how to choose another', async (t) => {
  const path = join(temporaryFolder(t), 'file');
  writeFileSync(path, '', { mode: 0o644 });
  for (const where of [path, join(path, 'below')]) {
    await assert.rejects(
      openDataFolder(where),
      lineRefusal(
        'data_folder_unusable',
        /cannot be used \((?:it is not a folder|a part of its path is a file)\): choose another with --data\.$/,
      ),
    );
  }
  assert.equal(mode(path), 0o644);
});

test('refuses at once when the folder cannot be created', {
  skip: !existsSync('/proc/self') && 'needs /proc',
}, async () => {
  await assert.rejects(
    openDataFolder('/proc/gatehouse/data'),
    lineRefusal(
      'data_folder_unusable',
      /cannot be used \(it cannot be created there\): choose another with --data\.$/,
    ),
  );
});

test('refuses a folder whose lock is not a file, and does not blame another server', async (t) => {
  const path = temporaryFolder(t);
  writeFileSync(join(path, 'lock'), 'this is not a lock file at all'.repeat(40));
  await assert.rejects(
    openDataFolder(path),
    lineRefusal('data_folder_unusable', /choose another with --data\.$/),
  );
});

test('refuses a folder that another process uses, in one line that names it and says what to do', async (t) => {
  const path = temporaryFolder(t);
  await holdInAnotherProcess(t, path);
  await assert.rejects(openDataFolder(path), (error) => {
    lineRefusal('data_folder_locked', /^Another Gatehouse is running on the data folder .*--data\.$/)(error);
    assert.ok(String(error).includes(path));
    return true;
  });
});

test('a killed server (SIGKILL) leaves no lock, and a server that waits for it gets the folder', async (t) => {
  const path = temporaryFolder(t);
  const child = await holdInAnotherProcess(t, path);
  const opening = open(t, path);
  child.kill('SIGKILL');
  await once(child, 'exit');
  assert.equal((await opening).path, path);
});

test('a released folder can be opened again', async (t) => {
  const path = temporaryFolder(t);
  (await openDataFolder(path)).release();
  (await open(t, path)).write('name', 'text');
});

test('says in words that a folder has the name of a file', async (t) => {
  const folder = await openDataFolder(temporaryFolder(t));
  t.after(folder.release);
  mkdirSync(folder.file('root.pem'));
  const refused = (act: string) =>
    lineRefusal(
      'data_folder_unusable',
      new RegExp(`root\\.pem cannot be ${act} \\(it is a folder\\): it is a part of`),
    );
  assert.throws(() => folder.read('root.pem'), refused('read'));
  assert.throws(() => folder.remove('root.pem'), refused('removed'));
});

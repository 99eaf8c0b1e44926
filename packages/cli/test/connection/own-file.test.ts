import assert from 'node:assert/strict';
import { readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { exclusively, readOwnFile, replaceOwnFile } from '../../src/connection/own-file.ts';
import { temporaryFolder } from '../fake-admin.ts';

test('only the owner can read the file, and no temporary file is left', async (t) => {
  const folder = join(temporaryFolder(t), 'new');
  const path = join(folder, 'file.json');
  assert.equal(await readOwnFile(path), undefined);
  await replaceOwnFile(path, { a: 1 });
  await replaceOwnFile(path, { a: 2 });
  assert.deepEqual(await readOwnFile(path), { a: 2 });
  assert.deepEqual([statSync(path).mode & 0o777, statSync(folder).mode & 0o777], [0o600, 0o700]);
  assert.deepEqual(readdirSync(folder), ['file.json']);
});

test('loses no change if several happen at the same time', async (t) => {
  const path = join(temporaryFolder(t), 'file.json');
  const add = (value: number) =>
    exclusively(path, async () => {
      const before = ((await readOwnFile(path)) ?? []) as number[];
      await replaceOwnFile(path, [...before, value]);
    });
  await Promise.all([1, 2, 3].map(add));
  assert.deepEqual(((await readOwnFile(path)) as number[]).toSorted(), [1, 2, 3]);
});

test('removes the lock of a killed command', async (t) => {
  const path = join(temporaryFolder(t), 'file.json');
  writeFileSync(`${path}.lock`, '');
  utimesSync(`${path}.lock`, 0, 0);
  assert.equal(await exclusively(path, async () => 'done'), 'done');
});

test('a file that cannot be written is an error of the user', async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'file'), '');
  await assert.rejects(replaceOwnFile(join(folder, 'file', 'below.json'), 1), { name: 'CliError' });
});

// Files that commands read: limited in size, and with the reason if they cannot be read.
import assert from 'node:assert/strict';
import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { MAX_INPUT_BYTES, readInput } from '../../src/input/input-file.ts';
import { temporaryFolder } from '../fake-admin.ts';

test('reads a file of up to 10 MiB, and refuses a larger one', async (t) => {
  const path = join(temporaryFolder(t), 'file');
  writeFileSync(path, 'x');
  truncateSync(path, MAX_INPUT_BYTES);
  assert.equal((await readInput(path)).length, MAX_INPUT_BYTES);
  truncateSync(path, MAX_INPUT_BYTES + 1);
  await assert.rejects(readInput(path), { name: 'CliError', status: 1, message: /is larger than 10 MiB$/ });
});

test('refuses an endless device, a folder, an empty file and a missing one', async (t) => {
  const folder = temporaryFolder(t);
  const empty = join(folder, 'empty');
  writeFileSync(empty, '');
  const cases: [string, RegExp][] = [
    ['/dev/zero', /is larger than 10 MiB$/],
    [folder, /it is a folder$/],
    [empty, /it is empty$/],
    [join(folder, 'none'), /there is no such file$/],
  ];
  for (const [path, message] of cases) {
    await assert.rejects(readInput(path), { name: 'CliError', status: 1, message });
  }
});

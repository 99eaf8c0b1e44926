// Checks whether a file of the settings can be written.
import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { requireWritable } from '../../../src/platform/data-folder/writable-place.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

test('accepts a file, a new file in a folder, and one in a data folder that does not exist yet', (t) => {
  const folder = temporaryFolder(t);
  const dataFolder = join(folder, 'data');
  writeFileSync(join(folder, 'there'), '');
  for (const path of [join(folder, 'there'), join(folder, 'new'), join(dataFolder, 'new')])
    requireWritable(path, { setting: 'log.access', dataFolder });
  assert.equal(existsSync(join(folder, 'new')), false);
});

test('refuses a folder, and a folder that does not exist', (t) => {
  const folder = temporaryFolder(t);
  const place = { setting: 'log.access', dataFolder: join(folder, 'data') };
  assert.throws(() => requireWritable(folder, place), { message: /log\.access .*\(it is a folder\)\.$/ });
  assert.throws(() => requireWritable(join(folder, 'none', 'a'), place), {
    message: /there is no such folder/,
  });
});

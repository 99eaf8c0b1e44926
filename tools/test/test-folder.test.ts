import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../test-folder.ts';

test('the tests write to memory if it has room, otherwise to the usual folder', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-test-folder-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  assert.equal(temporaryFolder(folder, 1), folder);
  assert.equal(temporaryFolder(folder, 2 ** 60), tmpdir());
  assert.equal(temporaryFolder(join(folder, 'missing'), 1), tmpdir());
});

test('not to a folder in which no file can be created', () => {
  assert.equal(temporaryFolder('/proc', 0), tmpdir());
});

// Rotation of the access log, so that it does not fill the disk.
import assert from 'node:assert/strict';
import { closeSync, existsSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { accessLogRotation } from '../../src/monitoring/access-log-rotation.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

function setUp(t: TestContext) {
  const path = join(temporaryFolder(t), 'access.log');
  let reopened = 0;
  const job = accessLogRotation(
    path,
    () => 10,
    () => {
      reopened += 1;
    },
  );
  return { path, job, reopened: () => reopened };
}

test('does nothing to a log that does not exist yet or is not too large', async (t) => {
  const { path, job, reopened } = setUp(t);
  await job.run();
  writeFileSync(path, 'x'.repeat(10));
  await job.run();
  assert.equal(reopened(), 0);
  assert.ok(!existsSync(`${path}.1`));
});

test('renames a log that is too large, and the workers open a new one; one older file stays', async (t) => {
  const { path, job, reopened } = setUp(t);
  for (const content of ['first, and long', 'second, and long']) {
    writeFileSync(path, content);
    await job.run();
    assert.equal(readFileSync(`${path}.1`, 'utf8'), content);
    assert.ok(!existsSync(path));
  }
  assert.equal(reopened(), 2);
  assert.ok(!existsSync(`${path}.2`));
});

test('lines that a worker writes before it opens the new file are not lost', async (t) => {
  const { path, job } = setUp(t);
  writeFileSync(path, 'x'.repeat(11));
  const worker = openSync(path, 'a');
  await job.run();
  writeSync(worker, 'late');
  closeSync(worker);
  assert.match(readFileSync(`${path}.1`, 'utf8'), /late$/);
});

// Lines for logs: buffered, written completely, and never a reason for the server to stop.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openLineWriter } from '../../../src/platform/log/line-writer.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

test('buffers lines and appends them to a file that only its owner can read', (t) => {
  const path = join(temporaryFolder(t), 'a.log');
  const lines = openLineWriter(path, { bufferBytes: 8 });
  lines.write('one\n');
  assert.equal(readFileSync(path, 'utf8'), '');
  lines.write('zwölf\n');
  assert.equal(readFileSync(path, 'utf8'), 'one\nzwölf\n');
  lines.write('3\n');
  lines.flush();
  assert.equal(readFileSync(path, 'utf8'), 'one\nzwölf\n3\n');
  assert.equal(statSync(path).mode & 0o777, 0o600);
});

test('writes each line at once without a buffer', (t) => {
  const path = join(temporaryFolder(t), 'a.log');
  openLineWriter(path, { bufferBytes: 0 }).write('one\n');
  assert.equal(readFileSync(path, 'utf8'), 'one\n');
});

test('opens the file again after it was renamed, and loses no buffered line', (t) => {
  const path = join(temporaryFolder(t), 'a.log');
  const lines = openLineWriter(path, { bufferBytes: 100 });
  lines.write('old\n');
  renameSync(path, `${path}.1`);
  lines.reopen();
  lines.write('new\n');
  lines.flush();
  assert.equal(readFileSync(`${path}.1`, 'utf8'), 'old\n');
  assert.equal(readFileSync(path, 'utf8'), 'new\n');
});

test('a full disk neither throws nor fills the memory, and is reported once', (t) => {
  if (!existsSync('/dev/full')) {
    t.skip('needs /dev/full (Linux)');
    return;
  }
  const failures: unknown[] = [];
  const lines = openLineWriter('/dev/full', { bufferBytes: 10, failed: (error) => failures.push(error) });
  const line = `${'x'.repeat(1023)}\n`;
  for (let count = 0; count < 5000; count += 1) lines.write(line);
  lines.flush();
  assert.equal(failures.length, 1);
  assert.match(String(failures[0]), /ENOSPC/);
});

// Standard output that is a file: it is written completely, or the write fails.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFileOutput } from '../../src/output/file-output.ts';

test('continues after a partial write', async () => {
  const written: string[] = [];
  const output = createFileOutput(1, (descriptor, octets) => {
    assert.equal(descriptor, 1);
    written.push(Buffer.from(octets).toString());
    return Math.min(4, octets.length);
  });
  await new Promise<void>((resolve) => output.write('all of it', () => resolve()));
  assert.deepEqual(written, ['all of it', 'of it', 't']);
});

test('fails if the rest cannot be written', async () => {
  let writes = 0;
  const output = createFileOutput(1, () => {
    writes += 1;
    if (writes > 1) throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
    return 4;
  });
  const failure = await new Promise((resolve) => {
    output.on('error', resolve);
    output.write('all of it');
  });
  assert.equal(Object(failure).code, 'ENOSPC');
});

// The operational log: JSON lines, in which credentials are redacted.
import assert from 'node:assert/strict';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createLog } from '../../src/platform/log.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

test('writes JSON lines from the configured level on, and redacts credentials', (t) => {
  const path = join(temporaryFolder(t), 'log');
  const file = openSync(path, 'w');
  t.after(() => closeSync(file));
  const log = createLog('info', file);
  log.debug('not this');
  const headers = {
    authorization: 'Bearer s3cret',
    'x-api-key': 's3cret',
    cookie: 's3cret',
    host: 'localhost',
  };
  log.info({ headers, body: { password: 's3cret', token: 's3cret', key: 's3cret' } }, 'this');
  const [line = '', ...others] = readFileSync(path, 'utf8').trimEnd().split('\n');
  assert.deepEqual(others, []);
  assert.doesNotMatch(line, /s3cret/);
  const entry = JSON.parse(line);
  assert.equal(entry.msg, 'this');
  assert.equal(entry.headers.host, 'localhost');
  assert.match(entry.time, /^\d{4}-\d\d-\d\dT/);
});

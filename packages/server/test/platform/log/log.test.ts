// The operational log: JSON lines of the catalogue's events, in which credentials are redacted.
import assert from 'node:assert/strict';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createLog } from '../../../src/platform/log/log.ts';
import { createMemoryLog } from '../../support/memory-log.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

test('writes a line with level, time, event, fields and message, from the configured level on', (t) => {
  const path = join(temporaryFolder(t), 'log');
  const file = openSync(path, 'w');
  t.after(() => closeSync(file));
  const log = createLog('info', file);
  log.event('tls.handshake_failed', { reason: 'not this' });
  log.event('gateway.handshakes_lost', { lost: 3, worker: 1 });
  const [line = '', ...others] = readFileSync(path, 'utf8').trimEnd().split('\n');
  assert.deepEqual(others, []);
  const { time, ...entry } = JSON.parse(line);
  assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  const message = 'a gateway worker dropped records of handshakes';
  assert.deepEqual(entry, { level: 'warn', event: 'gateway.handshakes_lost', lost: 3, worker: 1, message });
});

test('an error has its type, message, stack and code', () => {
  const { log, lines } = createMemoryLog();
  const error = Object.assign(new TypeError('broken'), { code: 'EPIPE' });
  log.event('job.failed', { job: 'j', error });
  const { type, message, stack, code } = Object(lines()[0]?.error) as Record<string, unknown>;
  assert.deepEqual(
    { type, message, stack, code },
    { type: 'TypeError', message: 'broken', stack: error.stack, code: 'EPIPE' },
  );
});

test('the message can be more exact than in the catalogue', () => {
  const { log, lines } = createMemoryLog();
  log.event('clock.stepped', { message: 'the clock was set forward by 5 s' });
  assert.equal(lines()[0]?.message, 'the clock was set forward by 5 s');
});

test('follows a changed level', () => {
  const { log, lines } = createMemoryLog();
  log.level = 'error';
  log.event('disk.full');
  assert.deepEqual(lines(), []);
});

test('redacts credentials in a field that has an object', () => {
  const { log, lines } = createMemoryLog();
  const headers = { authorization: 'Bearer s3cret', 'x-api-key': 's3cret', cookie: 's3cret', host: 'a' };
  log.event('tls.handshake_failed', { reason: headers });
  log.event('tls.handshake_failed', { reason: { password: 's3cret', token: 's3cret', key: 's3cret' } });
  assert.doesNotMatch(JSON.stringify(lines()), /s3cret/);
  assert.equal((Object(lines()[0]?.reason) as { host: string }).host, 'a');
});

test('escapes control characters of terminals, and the line has the same meaning', () => {
  const lines: string[] = [];
  const log = createLog('info', { write: (line) => void lines.push(line) });
  const reason = 'a\u001b[31m\u009b31m\u007f\u202eb\nc\u2028\u2067';
  log.event('gateway.upstream_failed', { reason });
  const [line = ''] = lines;
  assert.match(line, /^[ -~]+\n$/);
  assert.equal((JSON.parse(line) as { reason: string }).reason, reason);
});

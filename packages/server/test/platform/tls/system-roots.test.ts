// The roots for upstreams without their own roots.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSystemRoots } from '../../../src/platform/tls/system-roots.ts';
import { createMemoryLog } from '../../support/memory-log.ts';

test('returns the roots of the system, as one text, each once', () => {
  const { log, lines } = createMemoryLog();
  assert.equal(
    readSystemRoots(log, (kind) => (kind === 'system' ? ['one', 'two\n', 'one\n'] : ['bundled'])),
    'one\ntwo\n',
  );
  assert.deepEqual(lines(), []);
});

test('returns those of Mozilla on a system without a list, and the log says what to do', () => {
  const { log, lines } = createMemoryLog();
  assert.equal(
    readSystemRoots(log, (kind) => (kind === 'system' ? [] : ['bundled'])),
    'bundled\n',
  );
  assert.match(String(lines()[0]?.message), /no list of roots.*install .*ca-certificates.*or set ca/);
});

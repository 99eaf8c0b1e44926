// A server that npm start has started ends with npm's shell.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { shellEnded } from '../src/shell-ended.ts';
import { createFakeProcess } from './fake-process.ts';

test('resolves when the parent is another one', async () => {
  const process = createFakeProcess({ env: { npm_lifecycle_event: 'start' } });
  const ended = shellEnded(process, 1);
  Object.assign(process, { ppid: 1 });
  await ended;
});

test('never resolves for a server that npm did not start', async () => {
  const process = createFakeProcess({ env: {} });
  const ended = shellEnded(process, 1).then(() => 'ended');
  Object.assign(process, { ppid: 1 });
  assert.equal(await Promise.race([ended, delay(20, 'goes on')]), 'goes on');
});

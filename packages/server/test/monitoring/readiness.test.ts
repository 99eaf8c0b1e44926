// When /readyz says that the server should get requests.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ReadinessDeps } from '../../src/monitoring/readiness.ts';
import { createReadiness } from '../../src/monitoring/readiness.ts';

const SERVING: ReadinessDeps = {
  isDraining: () => false,
  workers: () => [{ state: 'serving' }, { state: 'starting' }],
  isStoreFailing: () => false,
  canStoreWrite: () => Promise.reject(new Error('zoe asked for a trial')),
  now: () => 0,
};

test('ready while one worker serves and the store has not failed', async () => {
  assert.equal(await createReadiness(SERVING).state(), 'ready');
});

test('starting while no worker serves', async () => {
  const readiness = createReadiness({ ...SERVING, workers: () => [{ state: 'starting' }] });
  assert.equal(await readiness.state(), 'starting');
});

test('draining when the server begins to stop', async () => {
  assert.equal(await createReadiness({ ...SERVING, isDraining: () => true }).state(), 'draining');
});

test('not ready after the store failed, until a trial succeeds, which happens at most once a second', async () => {
  let [now, trials, hasRoom] = [0, 0, false];
  const readiness = createReadiness({
    ...SERVING,
    isStoreFailing: () => true,
    async canStoreWrite() {
      trials += 1;
      return hasRoom;
    },
    now: () => now,
  });
  assert.equal(await readiness.state(), 'store_unwritable');
  hasRoom = true;
  assert.equal(await readiness.state(), 'store_unwritable');
  assert.equal(trials, 1);
  now = 1000;
  assert.deepEqual(await Promise.all([readiness.state(), readiness.state()]), ['ready', 'ready']);
  assert.equal(trials, 2);
});

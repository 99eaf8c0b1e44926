// The claims that survive a restart.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClaimRows, firstSecondAfter } from '../../../src/platform/short-lived/claim-rows.ts';
import { createStore } from '../../support/store.ts';

test('stored claims are loaded until they end, and removed after that', async (t) => {
  const { database, clock } = await createStore(t);
  const rows = createClaimRows(database);
  const claim = (key: string, seconds: number) => ({
    key,
    party: 'alice',
    expiresAt: clock.now() + seconds * 1000,
  });
  await rows.store(claim('short', 10), clock.now());
  await rows.store(claim('long', 60), clock.now());
  clock.advance(10);
  assert.deepEqual(await rows.load(clock.now()), [claim('long', 50)]);
  await rows.store(claim('next', 60), clock.now());
  assert.equal((await rows.load(0)).length, 2);
});

test('refuses a proof from the second of the start, because the previous process may have accepted it', () => {
  assert.equal(firstSecondAfter(1_000_999), 1001);
  assert.equal(firstSecondAfter(1_001_000), 1002);
});

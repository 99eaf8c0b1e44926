// What counts once only, in memory.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClaimStore } from '../../src/platform/claims.ts';
import { createFakeClock } from '../support/fake-clock.ts';

function setUp(limit?: number) {
  const clock = createFakeClock();
  const claims = createClaimStore(clock, limit);
  const claim = (key: string, seconds = 60) => claims.claim({ key, expiresAt: clock.now() + seconds * 1000 });
  return { clock, claims, claim };
}

test('the first claim of a key counts, and no other until it ends', async () => {
  const { clock, claim } = setUp();
  assert.equal(await claim('a'), 'first');
  assert.equal(await claim('a'), 'again');
  assert.equal(await claim('b'), 'first');
  clock.advance(59);
  assert.equal(await claim('a'), 'again');
  clock.advance(1);
  assert.equal(await claim('a'), 'first');
});

test('what has ended when it comes is never the first', async () => {
  const { claim } = setUp();
  assert.equal(await claim('a', 0), 'again');
  assert.equal(await claim('a', -1), 'again');
});

test('ended claims are forgotten as new ones come', async () => {
  const { clock, claims, claim } = setUp();
  for (let index = 0; index < 100; index += 1) await claim(`old ${index}`, 1);
  clock.advance(1);
  for (let index = 0; index < 50; index += 1) await claim(`new ${index}`);
  assert.equal(claims.count(), 50);
});

test('when it is full, nothing new counts until something ends, also behind one that lives longer', async () => {
  const { clock, claim } = setUp(3);
  await claim('long', 600);
  await claim('b', 10);
  await claim('c', 10);
  assert.equal(await claim('d'), 'full');
  assert.equal(await claim('b'), 'again');
  clock.advance(10);
  assert.equal(await claim('d'), 'first');
  assert.equal(await claim('long'), 'again');
});

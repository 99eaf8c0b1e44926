import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTokenBuckets } from '../../../src/platform/limits/token-buckets.ts';

test('the key that was unused for the longest time is removed first', () => {
  const buckets = createTokenBuckets({ atOnce: 1, perHour: 3600, keys: 2 }, { now: () => 0 });
  assert.deepEqual(['a', 'a', 'b', 'a', 'c', 'a', 'b'].map(buckets.take), [0, 1, 0, 1, 0, 1, 0]);
});

test('a key has `atOnce` tokens, gets `perHour` more, and never has more than `atOnce`', () => {
  const clock = { time: 0, now: () => clock.time };
  const buckets = createTokenBuckets({ atOnce: 2, perHour: 360, keys: 10 }, clock);
  const take = () => buckets.take('a');
  assert.deepEqual([take(), take(), take()], [0, 0, 10]);
  clock.time += 9_000;
  assert.equal(take(), 1);
  clock.time += 1_000;
  assert.deepEqual([take(), take()], [0, 10]);
  clock.time += 86_400_000;
  assert.deepEqual([take(), take(), take()], [0, 0, 10]);
});

test('a clock that is set back neither removes nor adds tokens', () => {
  const clock = { time: 1_000_000, now: () => clock.time };
  const buckets = createTokenBuckets({ atOnce: 2, perHour: 3600, keys: 10 }, clock);
  assert.equal(buckets.take('a'), 0);
  clock.time = 0;
  assert.deepEqual([buckets.take('a'), buckets.take('a')], [0, 1]);
});

// Places for several parties.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createShares } from '../../src/admission/shares.ts';

function takeAll(shares: ReturnType<typeof createShares>, party: string): number {
  let count = 0;
  while (shares.take(party)) count += 1;
  return count;
}

test('one party can take half of the places, and leaves places for later parties', () => {
  const shares = createShares(100);
  assert.equal(takeAll(shares, 'greedy'), 50);
  assert.equal(takeAll(shares, 'second'), 25);
  assert.ok(shares.take('third'));
  assert.ok(!shares.take('greedy'));
});

test('returned places are free for every party', () => {
  const shares = createShares(4);
  assert.equal(takeAll(shares, 'greedy'), 2);
  shares.release('greedy');
  shares.release('greedy');
  shares.release('greedy');
  assert.equal(takeAll(shares, 'other'), 2);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createQueue } from '../../src/encrypted-channel/queue.ts';

test('finds the oldest entry after any additions, moves and removals', () => {
  const step = fc.record({
    what: fc.constantFrom('put', 'delete', 'oldest', 'drop'),
    key: fc.nat({ max: 5 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const queue = createQueue<number, number>();
      const expected = new Map<number, number>();
      for (const [index, { what, key }] of steps.entries()) {
        if (what === 'put') {
          expected.delete(key);
          expected.set(key, index);
          queue.put(key, index);
        } else if (what === 'delete') {
          expected.delete(key);
          queue.delete(key);
        } else {
          const [oldest] = expected;
          assert.deepEqual(queue.oldest(), oldest);
          if (what === 'drop' && oldest) {
            expected.delete(oldest[0]);
            queue.delete(oldest[0]);
          }
        }
        assert.deepEqual([queue.size, queue.get(key)], [expected.size, expected.get(key)]);
      }
    }),
    { numRuns: 500 },
  );
});

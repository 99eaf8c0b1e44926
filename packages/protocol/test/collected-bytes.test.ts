import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CollectedBytes } from '../src/index.ts';

test('returns copies of all parts, in order', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 2000 })), (parts) => {
      const collected = new CollectedBytes();
      const expected = Buffer.concat(parts);
      for (const part of parts) {
        collected.add(part);
        part.fill(0);
      }
      assert.equal(collected.length, expected.length);
      assert.deepEqual(Buffer.from(collected.take()), expected);
      assert.deepEqual([collected.length, collected.take().length], [0, 0]);
    }),
    { numRuns: 50 },
  );
});

test('octets that arrive one by one need little more memory than in one piece', () => {
  const collected = new CollectedBytes();
  const one = Uint8Array.of(1);
  const before = process.memoryUsage().arrayBuffers;
  for (let count = 0; count < 100_000; count += 1) collected.add(one);
  assert.equal(collected.take().buffer.byteLength < 300_000, true);
  assert.equal(process.memoryUsage().arrayBuffers - before < 3_000_000, true);
});

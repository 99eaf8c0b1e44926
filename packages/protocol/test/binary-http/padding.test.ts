import assert from 'node:assert/strict';
import { test } from 'node:test';
import { paddedLength, padMessage } from '../../src/binary-http/padding.ts';

test('all lengths of one bucket give the same padded length', () => {
  assert.deepEqual(
    [0, 1, 512, 513, 40_000, 65_536, 65_537, 200_000].map(paddedLength),
    [512, 512, 512, 1024, 65_536, 65_536, 131_072, 262_144],
  );
  assert.equal(padMessage(Uint8Array.of(7)).length, 512);
  assert.deepEqual([...padMessage(Uint8Array.of(7)).subarray(0, 2)], [7, 0]);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomInAdvance } from '../../src/crypto/random-in-advance.ts';

test('returns octets of the generator in any lengths, and none twice', () => {
  let next = 0;
  const asked: number[] = [];
  const random = randomInAdvance((length) => {
    asked.push(length);
    return Uint8Array.from({ length }, () => next++ % 251);
  });
  const given = [16, 32, 600, 16, 500].map((length) => random(length));
  assert.deepEqual(
    given.map(({ length }) => length),
    [16, 32, 600, 16, 500],
  );
  assert.deepEqual(asked, [512, 600, 512, 512]);
  const buffers = new Map<ArrayBuffer, number>();
  for (const { buffer, byteOffset, length } of given) {
    assert.ok(byteOffset >= (buffers.get(buffer) ?? 0));
    buffers.set(buffer, byteOffset + length);
  }
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createSlab } from '../src/slab.ts';

test('never gives the same octets twice, in any order of lengths', () => {
  const lengths = fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 50 });
  fc.assert(
    fc.property(lengths, (wanted) => {
      const allocate = createSlab(32);
      const pieces = wanted.map((length, index) => allocate(length).fill(index));
      pieces.forEach((piece, index) => {
        assert.equal(piece.length, wanted[index]);
        assert.ok(piece.every((octet) => octet === index));
      });
    }),
  );
});

test('octets share a buffer, unless they are longer than the buffer', () => {
  const allocate = createSlab(32);
  assert.equal(allocate(16).buffer, allocate(16).buffer);
  assert.equal(allocate(33).buffer.byteLength, 33);
});

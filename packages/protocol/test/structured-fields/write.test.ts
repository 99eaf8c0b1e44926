import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BareItem } from '../../src/index.ts';
import { writeItem } from '../../src/structured-fields/write.ts';

const written = (value: BareItem) => writeItem({ value, params: new Map() });

test('refuses values that cannot be written (RFC 9651 §4.1)', () => {
  assert.throws(() => written({ type: 'integer', value: 1.5 }), TypeError);
  assert.throws(() => written({ type: 'integer', value: 1e15 }), TypeError);
  assert.throws(() => written({ type: 'decimal', value: 1e12 }), TypeError);
  assert.throws(() => written({ type: 'decimal', value: Number.NaN }), TypeError);
  assert.throws(() => written({ type: 'string', value: 'é' }), TypeError);
  assert.throws(
    () =>
      writeItem({
        value: { type: 'integer', value: 1 },
        params: new Map([['A', { type: 'boolean', value: true }]]),
      }),
    TypeError,
  );
});

test('writes decimals with one to three digits (RFC 9651 §4.1.5)', () => {
  assert.equal(written({ type: 'decimal', value: 2 }), '2.0');
  assert.equal(written({ type: 'decimal', value: 0.25 }), '0.25');
  assert.equal(written({ type: 'decimal', value: -1.125 }), '-1.125');
});

// Messages as JSON: octets and marked names return unchanged, and values that JSON would change are refused.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeMessage, encodeMessage } from '../../src/link/octets.ts';

const roundTrip = (message: object) => decodeMessage(encodeMessage(message));

test('octets are sent as {"$octets": BASE64}', () => {
  assert.equal(encodeMessage({ key: Uint8Array.of(1, 2, 255) }), '{"key":{"$octets":"AQL/"}}');
  assert.equal(encodeMessage({ key: Buffer.from([1, 2, 255]) }), '{"key":{"$octets":"AQL/"}}');
});

test('octets return as octets: none, a few, and a view into a larger buffer', () => {
  const whole = Uint8Array.from({ length: 100 }, (_, index) => index);
  for (const octets of [new Uint8Array(), whole, whole.subarray(7, 9)]) {
    assert.deepEqual(roundTrip({ list: [octets] }), { list: [new Uint8Array(octets)] });
  }
});

test('data with names that begin with $ is never read as octets', () => {
  const data = { $octets: 'AQL/', $$octets: 1, nested: [{ $octets: { $octets: 'x' } }], plain: '"$' };
  assert.deepEqual(roundTrip(data), data);
});

test('all values that JSON can represent return unchanged', () => {
  const key = fc.oneof(fc.string(), fc.constantFrom('$octets', '$', '$$octets', '$x'));
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      fc.string(),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.uint8Array(),
      fc.array(tie('tree'), { maxLength: 4 }),
      fc.dictionary(key, tie('tree'), { maxKeys: 4, noNullPrototype: true }),
    ),
  }));
  fc.assert(fc.property(tree, (value) => assert.deepEqual(roundTrip({ value }), { value })));
});

test('refuses values that JSON would change', () => {
  for (const value of [new Map(), new Set(), new Date(0), Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.throws(() => encodeMessage({ value }), TypeError);
  }
});

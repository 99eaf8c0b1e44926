import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readVarint, varint } from '../../src/binary-http/varint.ts';

test('integers have the forms of RFC 9000 §A.1', () => {
  for (const [value, hex] of [
    [37, '25'],
    [15_293, '7bbd'],
    [494_878_333, '9d7f3e7d'],
    [2 ** 53 - 1, 'c01fffffffffffff'],
  ] as const) {
    assert.equal(readVarint(Uint8Array.fromHex(hex), 0), value);
    assert.equal(varint(value).toHex(), hex);
  }
  assert.equal(readVarint(Uint8Array.fromHex('4025'), 0), 37);
});

test('refuses an integer that is not exact in JavaScript', () => {
  assert.equal(readVarint(Uint8Array.fromHex('c2197c5eff14e88c'), 0), undefined);
});

test('an incomplete integer is undefined', () => {
  for (const hex of ['', '7b', '9d7f3e', 'c2197c'])
    assert.equal(readVarint(Uint8Array.fromHex(hex), 0), undefined);
});

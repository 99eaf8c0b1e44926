// Values, and text that must not reach the terminal unchanged.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { anyText } from '../../../../fuzz/harness/any-text.ts';
import { cell, visible } from '../../src/output/print.ts';

test('prints - for no value, and other values as JSON', () => {
  assert.deepEqual([null, undefined, '', [], false, { a: 1 }].map(cell), [
    '-',
    '-',
    '-',
    '-',
    'false',
    '{"a":1}',
  ]);
});

test('replaces control characters and text directions', () => {
  fc.assert(fc.property(anyText, (text) => !/[\p{Cc}\u2028-\u202e\u2066-\u2069]/u.test(visible(text))));
});

test('replaces a character beyond U+FFFF by the escapes of both halves', () => {
  const text = JSON.stringify('a\u{e0041}b');
  assert.equal(visible(text), '"a\\udb40\\udc41b"');
  assert.equal(JSON.parse(visible(text)), JSON.parse(text));
});

test('does not change the meaning of a JSON document (RFC 8259 §7)', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = JSON.stringify(value);
      assert.deepEqual(JSON.parse(visible(text)), JSON.parse(text));
    }),
  );
});

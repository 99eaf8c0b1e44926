import assert from 'node:assert/strict';
import { test } from 'node:test';
import { valueFromJson } from '../../src/index.ts';
import { valueText } from '../../src/values/value-text.ts';

const extension = (fn: string, arg: string) => ({ __extn: { fn, arg } });

for (const [json, text] of [
  [true, 'true'],
  [-7, '-7'],
  [2n ** 60n, '1152921504606846976'],
  ['a"b', '"a\\"b"'],
  [{ __entity: { type: 'A::B', id: 'x' } }, 'A::B::"x"'],
  [[1, 'x'], '[1, "x"]'],
  [{ a: { b: 1 } }, '{ a: { b: 1 } }'],
  [{}, '{}'],
  [extension('decimal', '-0.5'), 'decimal("-0.5000")'],
  [extension('decimal', '0.0'), 'decimal("0.0000")'],
  [extension('decimal', '0.0001'), 'decimal("0.0001")'],
  [extension('decimal', '-922337203685477.5808'), 'decimal("-922337203685477.5808")'],
  [extension('decimal', '12.34'), 'decimal("12.3400")'],
  [extension('ip', '10.1.2.3'), 'ip("10.1.2.3/32")'],
  [extension('ip', '255.0.0.0/8'), 'ip("255.0.0.0/8")'],
  [extension('ip', 'fe80::1'), 'ip("fe80:0:0:0:0:0:0:1/128")'],
  [extension('datetime', '2026-11-30'), 'datetime("2026-11-30T00:00:00.000Z")'],
  [extension('duration', '1m'), 'duration("1m")'],
  [extension('duration', '90061001ms'), 'duration("1d1h1m1s1ms")'],
  [extension('duration', '-36h'), 'duration("-1d12h")'],
  [extension('duration', '0s'), 'duration("0ms")'],
  [extension('duration', '-106751991167d7h12m55s808ms'), 'duration("-106751991167d7h12m55s808ms")'],
] as const) {
  test(`shows ${text}`, () => assert.equal(valueText(valueFromJson(json)), text));
}

test('shows a time outside of the calendar as a number', () => {
  assert.equal(
    valueText({ kind: 'datetime', milliseconds: 9e15 }),
    'datetime("9000000000000000 ms since 1970")',
  );
});

// Durations that people write.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseDuration } from '../../src/input/duration.ts';

test('reads seconds, minutes, hours and days', () => {
  const expected = { '30s': 30, '15m': 900, '12h': 43_200, '90d': 7_776_000 };
  for (const [text, seconds] of Object.entries(expected)) assert.equal(parseDuration(text), seconds);
});

test('refuses a number without a unit, no text, zero, fractions, signs and other units', () => {
  for (const text of ['', '30', 's', '0s', '1.5h', '-1d', '+1d', '1w', '1 d', '1D', '1d1h', '1234567890s']) {
    assert.throws(() => parseDuration(text), { name: 'TypeError', message: /30s, 15m, 12h or 90d/ });
  }
});

test('is a safe whole number of seconds for every accepted text', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 999_999_999 }),
      fc.constantFrom('s', 'm', 'h', 'd'),
      (count, unit) => {
        const seconds = parseDuration(`${count}${unit}`);
        return Number.isSafeInteger(seconds) && seconds >= count;
      },
    ),
  );
});

// Times and spans for people.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromNow, shortTime, span } from '../../src/output/times.ts';

test('leaves out fractions of a second, and does not change other text', () => {
  assert.equal(shortTime('2030-01-02T03:04:05.678Z'), '2030-01-02T03:04:05Z');
  assert.equal(shortTime('never'), 'never');
  assert.equal(shortTime(null), null);
});

test('prints a span in the largest unit of which it has at least two', () => {
  const hour = 3_600_000;
  const spans = [
    0,
    119_000,
    120_000,
    2 * hour - 1,
    2 * hour,
    48 * hour - 1,
    48 * hour,
    720 * hour,
    87_600 * hour,
  ].map(span);
  assert.deepEqual(spans, [
    '0 s',
    '119 s',
    '2 min',
    '119 min',
    '2 h',
    '47 h',
    '2 days',
    '30 days',
    '10 years',
  ]);
});

test('prints future and past times', () => {
  const now = new Date('2030-01-01T00:00:00Z');
  assert.equal(fromNow('2030-01-02T00:00:00Z', now), 'in 24 h');
  assert.equal(fromNow('2029-12-31T23:00:00Z', now), '60 min ago');
});

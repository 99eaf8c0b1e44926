// Retry-After (RFC 9110 §10.2.3) of a directory.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { retryTime } from '../../../src/acme-client/directory/retry-after.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');

test('reads seconds and dates, at most a week from now and never in the past', () => {
  assert.equal(retryTime('120', NOW), NOW + 120_000);
  assert.equal(retryTime('Sun, 01 Mar 2026 13:00:00 GMT', NOW), NOW + 3_600_000);
  assert.equal(retryTime('Sun, 01 Mar 2020 13:00:00 GMT', NOW), NOW);
  assert.equal(retryTime('99999999999', NOW), NOW + 7 * 86_400_000);
});

test('ignores values that are no time', () => {
  for (const field of [undefined, '', 'soon', '-1x']) assert.equal(retryTime(field, NOW), undefined);
});

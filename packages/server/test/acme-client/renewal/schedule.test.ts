// When certificates are renewed, and when a failed attempt is repeated.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  notAtOnce,
  renewalTime,
  retryTime,
  suggestedTime,
} from '../../../src/acme-client/renewal/schedule.ts';

const DAY = 86_400_000;
const START = Date.parse('2026-03-01T00:00:00Z');
const NINETY_DAYS = { notBefore: START, notAfter: START + 90 * DAY };

test('renews at about two thirds of the life, and not all certificates at once', () => {
  const days = [0, 0.5, 1].map((chance) => (renewalTime(NINETY_DAYS, 0, chance) - START) / DAY);
  assert.deepEqual(days.map(Math.round), [57, 60, 63]);
});

test('renews before the end as long as the setting says, within the second half of the life', () => {
  const daysAfter = (renewBeforeDays: number, chance: number) =>
    (renewalTime(NINETY_DAYS, renewBeforeDays * DAY, chance) - START) / DAY;
  assert.equal(daysAfter(30, 0), 60);
  assert.equal(Math.round(daysAfter(30, 1)), 57);
  assert.equal(daysAfter(365, 0), 45, 'a longer time than the life would be a loop');
  assert.equal(daysAfter(1 / 24, 0), 81, 'the last tenth is for further attempts');
});

/** The lives of Let's Encrypt: its profile `shortlived` has 160 hours. */
for (const hours of [160, 45 * 24, 90 * 24]) {
  test(`a certificate of ${hours} hours is renewed early enough for many attempts`, () => {
    const validity = { notBefore: START, notAfter: START + hours * 3_600_000 };
    for (const renewBefore of [0, 30 * DAY]) {
      const first = renewalTime(validity, renewBefore, 1);
      assert.ok(first >= START + (validity.notAfter - START) / 2, 'no sooner than half its life');
      let attempts = 0;
      for (let now = first; now < validity.notAfter; attempts += 1)
        now = retryTime({ now, failures: attempts + 1, chance: 1 });
      assert.ok(attempts >= 12, `${attempts} attempts`);
    }
    const window = { start: START + hours * 1_800_000, end: START + hours * 2_400_000 };
    const suggested = suggestedTime(validity, window, { now: START, chance: 0.5 });
    assert.equal(suggested, (window.start + window.end) / 2, 'the suggestion of the directory is taken');
  });
}

test('chooses a time within the window that the directory suggests (RFC 9773 §4.2)', () => {
  const window = { start: START + 40 * DAY, end: START + 50 * DAY };
  const suggested = (now: number, chance: number) => suggestedTime(NINETY_DAYS, window, { now, chance });
  assert.equal(suggested(START, 0), window.start);
  assert.equal(suggested(START, 1), window.end);
  assert.equal(suggested(START, 0.5), START + 45 * DAY);
  assert.equal(suggested(window.end + 1, 0.5), window.end + 1, 'a window that is over means now');
});

test('a suggestion cannot cause a loop, and leaves time before the end', () => {
  const day = (start: number, end: number, chance: number) => {
    const window = { start: START + start * DAY, end: START + end * DAY };
    const time = suggestedTime(NINETY_DAYS, window, { now: START, chance });
    return time === undefined ? undefined : (time - START) / DAY;
  };
  assert.equal(day(-10, 60, 0), 30, 'a window that begins before the certificate');
  assert.equal(day(-10, -5, 0), undefined, 'a window that was over before the certificate');
  assert.equal(day(60, 200, 1), 81);
  assert.equal(day(100, 200, 0.5), 81);
});

test('waits twice as long after each failure, up to six hours, and as long as the directory wants', () => {
  const minutes = (failures: number, wanted?: number) =>
    (retryTime({ now: START, failures, wanted, chance: 0 }) - START) / 60_000;
  assert.deepEqual(
    [1, 2, 3, 4].map((failures) => minutes(failures)),
    [1, 2, 4, 8],
  );
  assert.equal(minutes(9), 256);
  for (const failures of [10, 100, 10_000]) assert.equal(minutes(failures), 360);
  assert.equal(minutes(1, START + DAY), 24 * 60);
  assert.equal(minutes(1, START), 1);
  assert.equal(retryTime({ now: 0, failures: 1, chance: 1 }), 72_000);
});

test('does not at once replace a certificate that expires soon after it arrives', () => {
  assert.equal(notAtOnce(START, START + DAY, START), START + 60_000);
  assert.equal(notAtOnce(START, START + 10_000, START), START + 5000);
  assert.equal(notAtOnce(START + DAY, START + 2 * DAY, START), START + DAY);
});

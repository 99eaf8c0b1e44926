// The timer wheel: every timer expires once, not too early, and at most two ticks late.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createWheel, Timer } from '../../src/exchange/wheel.ts';

test('a timer expires after its time, at most two ticks late', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 200_000 }), fc.integer({ min: 0, max: 10_000 }), (ms, start) => {
      const wheel = createWheel(start, 100);
      let expired: number | undefined;
      const timer = new Timer(() => {
        expired = wheel.now;
      });
      wheel.set(timer, ms);
      for (let now = start; now <= start + ms + 300; now += 100) wheel.advance(now);
      assert.ok(expired !== undefined && expired >= start + ms - 100 && expired <= start + ms + 300);
    }),
    { numRuns: 50 },
  );
});

test('setting again replaces the time, in both directions', () => {
  const wheel = createWheel(0, 100);
  const expired: string[] = [];
  const later = new Timer(() => expired.push('later'));
  const sooner = new Timer(() => expired.push('sooner'));
  wheel.set(later, 500);
  wheel.set(later, 5000);
  wheel.set(sooner, 5000);
  wheel.set(sooner, 500);
  for (let now = 500; now <= 1000; now += 500) wheel.advance(now);
  assert.deepEqual(expired, ['sooner']);
  for (let now = 1500; now <= 6000; now += 500) wheel.advance(now);
  assert.deepEqual(expired, ['sooner', 'later']);
});

test('a cleared timer does not expire, and a timer may set itself again', () => {
  const wheel = createWheel(0, 100);
  let count = 0;
  const cleared = new Timer(() => assert.fail('it was cleared'));
  const again: Timer = new Timer(() => {
    count += 1;
    if (count < 3) wheel.set(again, 100);
  });
  wheel.set(cleared, 300);
  wheel.set(again, 100);
  wheel.clear(cleared);
  for (let now = 0; now < 3000; now += 100) wheel.advance(now);
  assert.equal(count, 3);
  assert.equal(again.isSet, false);
});

test('timers may clear each other while they expire', () => {
  const wheel = createWheel(0, 100);
  let expired = 0;
  const timers: Timer[] = Array.from({ length: 10 }, (_, index) => {
    return new Timer(() => {
      expired += 1;
      const other = timers[(index + 1) % 10];
      if (other) wheel.clear(other);
    });
  });
  for (const timer of timers) wheel.set(timer, 200);
  wheel.advance(10_000);
  assert.equal(expired, 5);
});

test('time in which the process did not run does not count (a burst of work, a suspended machine)', () => {
  const wheel = createWheel(0, 100);
  const expired: string[] = [];
  wheel.set(new Timer(() => expired.push('before the pause')), 2000);
  wheel.advance(1500);
  wheel.advance(60_000);
  assert.equal(expired.length, 0);
  wheel.set(new Timer(() => expired.push('after the pause')), 5000);
  for (let now = 60_100; now <= 64_000; now += 100) wheel.advance(now);
  assert.deepEqual(expired, ['before the pause']);
  for (let now = 64_100; now <= 65_300; now += 100) wheel.advance(now);
  assert.deepEqual(expired, ['before the pause', 'after the pause']);
});

test('timers of many different times all expire', () => {
  const wheel = createWheel(0, 100);
  let expired = 0;
  const count = () => {
    expired += 1;
  };
  for (let ms = 0; ms < 100_000; ms += 1000) wheel.set(new Timer(count), ms);
  for (let now = 0; now <= 100_500; now += 500) wheel.advance(now);
  assert.equal(expired, 100);
});

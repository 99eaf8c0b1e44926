// The slowest allowed rate of a request body: a slower body is ended, and time in which the upstream does not
// read does not count.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BodyRate } from '../../src/exchange/body-rate.ts';
import { createWheel } from '../../src/exchange/wheel.ts';

const TICK_MS = 100;
const LIMITS = { minBytesPerSecond: 100, graceSeconds: 10 };

/** A body, and the second in which it was ended. */
function setUp(limits = LIMITS) {
  const wheel = createWheel(0, TICK_MS);
  let cutAt: number | undefined;
  const rate = new BodyRate(wheel, limits, () => {
    cutAt = wheel.now / 1000;
  });
  let now = 0;
  /** Lets time pass, with this many octets in each second. */
  function pass(seconds: number, bytesPerSecond: number): void {
    for (let tick = 0; tick < seconds * 10 && cutAt === undefined; tick += 1) {
      rate.passed(bytesPerSecond / 10);
      now += TICK_MS;
      wheel.advance(now);
    }
  }
  return { rate, pass, cutAt: () => cutAt };
}

test('a body without octets is ended after the grace period', () => {
  const { pass, cutAt } = setUp();
  pass(30, 0);
  assert.ok(cutAt() !== undefined);
  assert.ok(Number(cutAt()) >= 10 && Number(cutAt()) < 12, `cut after ${cutAt()} s`);
});

test('a body at the allowed rate is never ended, and a body at half the rate after twice the grace period', () => {
  const steady = setUp();
  steady.pass(600, 100);
  assert.equal(steady.cutAt(), undefined);
  const slow = setUp();
  slow.pass(600, 50);
  assert.ok(Number(slow.cutAt()) >= 20 && Number(slow.cutAt()) < 24, `cut after ${slow.cutAt()} s`);
});

test('after a fast beginning, silence is allowed only for the grace period', () => {
  const { pass, cutAt } = setUp();
  pass(10, 1_000_000);
  pass(100, 0);
  assert.ok(Number(cutAt()) >= 20 && Number(cutAt()) < 23, `cut after ${cutAt()} s`);
});

test('time in which the upstream does not read does not count', () => {
  const { rate, pass, cutAt } = setUp();
  rate.isHeldUp = true;
  pass(600, 0);
  assert.equal(cutAt(), undefined);
  rate.isHeldUp = false;
  pass(30, 0);
  assert.ok(Number(cutAt()) >= 608 && Number(cutAt()) < 613, `cut after ${cutAt()} s`);
});

test('a short grace period is checked often enough', () => {
  const { pass, cutAt } = setUp({ minBytesPerSecond: 100, graceSeconds: 1 });
  pass(10, 0);
  assert.ok(Number(cutAt()) >= 1 && Number(cutAt()) < 1.8, `cut after ${cutAt()} s`);
});

test('a complete body is not ended', () => {
  const { rate, pass, cutAt } = setUp();
  rate.stop();
  pass(600, 0);
  assert.equal(cutAt(), undefined);
});

// Steps of the clock are noticed in both directions and logged once. Drift is not a step.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClockWatch } from '../../../src/platform/jobs/clock-watch.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createMemoryLog } from '../../support/memory-log.ts';

function setUp() {
  const clock = createFakeClock();
  const monotonic = createFakeClock(0);
  const { log, lines } = createMemoryLog();
  const watch = createClockWatch({ clock, monotonicMs: monotonic.now, log });
  const steps: number[] = [];
  watch.onStep((stepMs) => steps.push(stepMs));
  /** One second passes, and the clock is set by `step` seconds. */
  const second = async (step = 0) => {
    clock.advance(1 + step);
    monotonic.advance(1);
    await watch.job.run();
  };
  return { second, steps, messages: () => lines().map(({ message }) => message), lines };
}

test('logs nothing while the clock runs normally', async () => {
  const { second, steps, messages } = setUp();
  for (let i = 0; i < 5; i += 1) await second();
  assert.deepEqual([steps, messages()], [[], []]);
});

test('a clock that is set back is noticed once, and logged with the size of the step and the new time', async () => {
  const { second, steps, messages, lines } = setUp();
  await second(-7200);
  await second();
  assert.deepEqual(steps, [-7_200_000]);
  assert.deepEqual(messages(), ['the clock was set back by 7200 s']);
  const [line] = lines();
  assert.deepEqual([line?.stepSeconds, line?.clock], [-7200, '2026-03-01T10:00:01.000Z']);
});

test('a clock that is set forward, or a machine that slept, is also noticed', async () => {
  const { second, steps, messages } = setUp();
  await second(30);
  await second(-30);
  assert.deepEqual(steps, [30_000, -30_000]);
  assert.match(String(messages()[0]), /^the clock was set forward by 30 s, or the machine slept$/);
});

test('a clock that is slowed down or sped up a little is never a step', async () => {
  const { second, steps } = setUp();
  for (let i = 0; i < 10_000; i += 1) await second(i < 5000 ? 0.0005 : -0.0005);
  assert.deepEqual(steps, []);
});

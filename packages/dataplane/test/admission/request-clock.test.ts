import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRequestClock } from '../../src/admission/request-clock.ts';

test('the time does not change until the next request', (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: 1000 });
  const clock = createRequestClock();
  t.mock.timers.setTime(5000);
  assert.equal(clock.now(), 1000);
  clock.tick();
  assert.equal(clock.now(), 5000);
});

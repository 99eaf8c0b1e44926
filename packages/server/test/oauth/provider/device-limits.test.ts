// The device flow: how often people may type codes, and how often devices may ask (RFC 8628 §3.5, §5.1).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDeviceLimits } from '../../../src/oauth/provider/device-limits.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

test('an address may try sixty codes at once, then ten a minute, and does not limit others', () => {
  const clock = createFakeClock();
  const { typed } = createDeviceLimits(clock);
  for (let count = 0; count < 60; count += 1) assert.equal(typed('192.0.2.1'), 0);
  assert.equal(typed('192.0.2.1'), 6);
  assert.equal(typed('192.0.2.2'), 0);
  clock.advance(6);
  assert.equal(typed('192.0.2.1'), 0);
});

test('a device that asks all the time gets slow_down, and a patient one never does', () => {
  const clock = createFakeClock();
  const { asked } = createDeviceLimits(clock);
  for (let count = 0; count < 10; count += 1) asked('hasty');
  assert.throws(() => asked('hasty'), { error: 'slow_down', status: 400 });
  for (let count = 0; count < 120; count += 1) {
    clock.advance(5);
    asked('patient');
  }
  asked('hasty');
});

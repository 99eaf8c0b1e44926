// The log of policies that could not be evaluated.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPolicyFailures } from '../../src/admission/policy-failures.ts';

test('each policy that could not be evaluated is logged once a minute', () => {
  const logged: unknown[] = [];
  let now = 1_000_000;
  const log = { event: (...line: unknown[]) => void logged.push(line) };
  const failed = createPolicyFailures(log, { now: () => now });
  const one = { policy: 'one', message: 'There is no attribute "x".' };
  failed([one]);
  failed([one, { policy: 'other', message: 'why' }]);
  assert.deepEqual(logged, [
    ['gateway.policy_failed', { policy: 'one', reason: 'There is no attribute "x".' }],
    ['gateway.policy_failed', { policy: 'other', reason: 'why' }],
  ]);
  now += 59_999;
  failed([one]);
  assert.equal(logged.length, 2);
  now += 1;
  failed([one]);
  assert.equal(logged.length, 3);
});

// Compiling the section of policies, and its changes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compilePolicies } from '../../src/policy/compiled-policies.ts';
import { defaultPolicies } from '../../src/policy/default-policies.ts';
import type { SectionPolicy } from '../../src/policy/section-policy.ts';
import { refusal } from '../support/errors.ts';

test('compiles only the policies that changed', () => {
  const policies = new Map(defaultPolicies());
  const before = compilePolicies(policies);
  const admin = policies.get('default:admin') as SectionPolicy;
  policies.set('default:admin', structuredClone(admin));
  policies.set('more', admin);
  const after = compilePolicies(policies, before);
  assert.equal(after.get('default:user')?.compiled, before.get('default:user')?.compiled);
  assert.notEqual(after.get('default:admin')?.compiled, before.get('default:admin')?.compiled);
  assert.equal(after.get('more')?.compiled.id, 'more');
  assert.equal(compilePolicies(new Map(), after).size, 0);
});

test('an error names the policy that does not compile', () => {
  const [admin] = defaultPolicies().values();
  const json = {
    ...(admin as SectionPolicy).json,
    conditions: [{ kind: 'when', body: { Unknown: 1 } } as const],
  };
  assert.throws(
    () => compilePolicies(new Map([['mine', { json }]])),
    refusal('policy_invalid', /Policy mine: /),
  );
});

test('an error outside of a policy is not reported as one of the policy', () => {
  const [admin] = defaultPolicies().values();
  const json = {
    ...(admin as SectionPolicy).json,
    get conditions(): never {
      throw new RangeError('broken');
    },
  };
  assert.throws(() => compilePolicies(new Map([['mine', { json }]])), {
    name: 'RangeError',
    message: 'broken',
  });
});

// The setting `require` of a route as a policy.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as cedar from '@cedar-policy/cedar-wasm/nodejs';
import type { StepUpRequirement } from '../../src/index.ts';
import { compileGatewayPolicy } from '../../src/policy/gateway-policy.ts';
import { policyOfRequirement } from '../../src/policy/strength-policy.ts';
import type { Principal } from '../../src/principals/principal.ts';

const NOW = 1_800_000_000_000;
const alice: Principal = { kind: 'user', name: 'alice', roles: [], scopes: [], amr: ['pwd'], via: 'bearer' };
const everyone = {
  effect: 'permit',
  principal: { op: 'All' },
  action: { op: 'All' },
  resource: { op: 'All' },
  conditions: [],
} as const;

function allows(requirement: StepUpRequirement, principal: Partial<Principal>, route = '/pay'): boolean {
  const policies = new Map([policyOfRequirement('/pay', requirement), ['all', { json: everyone }]]);
  const policy = compileGatewayPolicy({ policies, roles: new Map() });
  const context = {
    method: 'GET',
    path: route,
    params: new Map(),
    address: '127.0.0.1',
    time: NOW,
    requestId: '',
  };
  const resource = { id: route };
  return policy.decide({ principal: { ...alice, ...principal }, action: 'GET', resource, context }).allowed;
}

test('mfa requires a second factor, or a key that a person unlocks', () => {
  const mfa = (...amr: string[]) => allows({ level: 'mfa' }, { amr });
  assert.ok(mfa('pwd', 'otp', 'mfa'));
  assert.deepEqual([mfa('pwd'), mfa('hwk')], [false, false]);
  assert.ok(mfa('hwk', 'pin'));
});

test('phishing-resistant requires a passkey or a client certificate', () => {
  const level = 'phishing-resistant';
  assert.equal(allows({ level }, { amr: ['pwd', 'otp', 'mfa'] }), false);
  assert.ok(allows({ level }, { amr: ['hwk'] }));
  assert.ok(allows({ level }, { amr: ['phr'] }));
  assert.ok(allows({ level }, { via: 'mtls' }));
});

test('an age requires a recent sign-in, except for credentials that the client proves each time', () => {
  const requirement = { maxAgeSeconds: 900 };
  const signedIn = (secondsAgo: number) => ({ authTime: NOW / 1000 - secondsAgo });
  assert.ok(allows(requirement, signedIn(900)));
  assert.equal(allows(requirement, signedIn(901)), false);
  assert.equal(allows(requirement, {}), false);
  assert.ok(allows(requirement, { kind: 'service', via: 'apiKey' }));
  assert.ok(allows(requirement, { via: 'mtls' }));
  assert.equal(allows(requirement, { via: 'mtls', ...signedIn(901) }), false);
});

test('a level and an age are both required, and only on that route', () => {
  const requirement = { level: 'mfa', maxAgeSeconds: 900 } as const;
  const strong = { amr: ['pwd', 'mfa'] };
  assert.ok(allows(requirement, { ...strong, authTime: NOW / 1000 }));
  assert.equal(allows(requirement, strong), false);
  assert.equal(allows(requirement, { authTime: NOW / 1000 }), false);
  assert.ok(allows(requirement, {}, '/other'));
});

test('an empty requirement forbids nothing', () => {
  assert.ok(allows({}, { amr: [] }));
});

test('the policy, in the syntax of Cedar, forbids unless the requirement is met', () => {
  const [id, { json }] = policyOfRequirement('/pay', { level: 'phishing-resistant' });
  assert.equal(id, 'route:/pay:require');
  const converted = cedar.policyToText(json as unknown as cedar.Policy);
  assert.ok(converted.type === 'success', JSON.stringify(converted));
  assert.match(converted.text, /^forbid\([^)]*resource == Route::"\/pay"\s*\)\s*unless \{/);
});

// The policy of the gateway: the rules of routes, the default policies, and no access by default.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { AllowRule } from '../../src/policy/allow-rule.ts';
import { policiesOfRule } from '../../src/policy/allow-rule.ts';
import { defaultPolicies } from '../../src/policy/default-policies.ts';
import { compileGatewayPolicy } from '../../src/policy/gateway-policy.ts';
import type { AccessRequest } from '../../src/policy/policy.ts';
import type { Principal } from '../../src/principals/principal.ts';

function principal(more: Partial<Principal> = {}): Principal {
  return { kind: 'user', name: 'alice', roles: [], scopes: [], amr: ['pwd'], via: 'bearer', ...more };
}

function asked(who: Partial<Principal>, action: string, policyName = '/notes'): AccessRequest {
  const where = { path: '/notes', params: new Map(), address: '192.0.2.7' };
  const context = { method: action, ...where, time: 0, requestId: '' };
  return { principal: principal(who), action, resource: { id: '1:/notes', policyName }, context };
}

function decide(rule: AllowRule | undefined, who: Partial<Principal>, action = 'GET') {
  const rules = rule ? policiesOfRule({ policyName: '/notes' }, rule) : [];
  const policies = new Map([...defaultPolicies(), ...rules]);
  return compileGatewayPolicy({ policies, roles: new Map() }).decide(asked(who, action));
}

function allows(rule: AllowRule | undefined, who: Partial<Principal>, action = 'GET'): boolean {
  return decide(rule, who, action).allowed;
}

test('without a rule, admin may do everything, user may GET and HEAD, and others nothing', () => {
  const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
  const allowed = (roles: string[]) => methods.filter((method) => allows(undefined, { roles }, method));
  assert.deepEqual(allowed(['admin']), methods);
  assert.deepEqual(allowed(['user']), ['GET', 'HEAD']);
  assert.deepEqual(allowed(['auditor']), []);
  assert.deepEqual(allowed([]), []);
});

test('role names and methods are compared exactly', () => {
  assert.equal(allows(undefined, { roles: ['Admin'] }), false);
  assert.equal(allows(undefined, { roles: ['user'] }, 'get'), false);
});

test('a rule replaces the built-in roles, also for admin', () => {
  assert.equal(allows({ roles: ['auditor'] }, { roles: ['admin', 'user'] }), false);
  assert.equal(allows({ roles: ['auditor'] }, { roles: ['auditor'] }, 'DELETE'), true);
});

test('one match within roles and principals is enough', () => {
  const rule = { roles: ['auditor', 'editor'], principals: ['robot'] };
  assert.equal(allows(rule, { roles: ['editor'] }), true);
  assert.equal(allows(rule, { name: 'robot' }), true);
  assert.equal(allows(rule, { roles: ['robot'], name: 'editor' }), false);
});

test('the caller must have every scope of a rule, and a role or name if the rule lists any', () => {
  const scopes = ['notes:read', 'notes:write'];
  assert.equal(allows({ scopes }, { scopes: [...scopes, 'more'] }), true);
  assert.equal(allows({ scopes }, { scopes: ['notes:read'] }), false);
  assert.equal(allows({ scopes, roles: ['editor'] }, { scopes }), false);
  assert.equal(allows({ scopes, roles: ['editor'] }, { scopes, roles: ['editor'] }), true);
  assert.equal(allows({ scopes, principals: ['alice'] }, { roles: ['admin'] }), false);
});

test('an empty rule allows no caller', () => {
  for (const rule of [{}, { roles: [] }, { principals: [] }, { roles: [], principals: [], scopes: [] }]) {
    assert.equal(allows(rule, { roles: ['admin'], scopes: ['x'] }), false, JSON.stringify(rule));
  }
});

test('denies a caller that matches no part of the rule', () => {
  const words = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 3 });
  const optional = fc.option(words, { nil: undefined });
  fc.assert(
    fc.property(optional, optional, optional, words, words, (roles, principals, scopes, held, granted) => {
      const allowed = allows({ roles, principals, scopes }, { name: 'a', roles: held, scopes: granted });
      const named = (principals ?? []).includes('a') || (roles ?? []).some((role) => held.includes(role));
      const scoped = (scopes ?? []).every((scope) => granted.includes(scope));
      const open = roles === undefined && principals === undefined && scopes !== undefined;
      assert.equal(allowed, scoped && (named || open));
    }),
  );
});

test('a decision has its reason, and the policies that decided', () => {
  const { allowed, reason, policies } = decide(undefined, { roles: ['user'] });
  assert.deepEqual([allowed, reason, policies], [true, 'a policy permits it', ['default:user']]);
  assert.equal(decide(undefined, { roles: ['user'] }, 'PUT').reason, 'no policy permits PUT');
  const forbidden = decide({ roles: ['editor'], scopes: ['x'] }, { roles: ['admin'] });
  assert.equal(forbidden.reason, 'forbidden by route:/notes:only, route:/notes:scopes');
  assert.deepEqual(forbidden.policies, ['route:/notes:only', 'route:/notes:scopes']);
});

test('after a change of roles or policies, decisions about the same caller use the new ones', () => {
  const request = asked({ roles: ['lead'] }, 'GET');
  const including = (roles: string[]) => new Map([['lead', roles]]);
  const first = compileGatewayPolicy({ policies: defaultPolicies(), roles: including([]) });
  assert.equal(first.decide(request).allowed, false);
  const second = first.next({ policies: defaultPolicies(), roles: including(['user']) });
  assert.equal(second.decide(request).allowed, true);
  const third = second.next({ policies: new Map(), roles: including(['user']) });
  assert.equal(third.decide(request).allowed, false);
  const fourth = third.next({ policies: defaultPolicies(), roles: including([]) });
  assert.equal(fourth.decide(request).allowed, false);
  assert.equal(
    second.decide(request).allowed,
    true,
    'a request in progress has the same policy until its end',
  );
});

// Conditions that name entities themselves, and alarms.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as cedar from '@cedar-policy/cedar-wasm/nodejs';
import type { PolicyJson } from '@gatehouse/cedar';
import { compileGatewayPolicy } from '../../src/policy/gateway-policy.ts';
import type { AccessRequest } from '../../src/policy/policy.ts';
import type { SectionPolicy } from '../../src/policy/section-policy.ts';

function compile(texts: Record<string, string>) {
  const policies = new Map(
    Object.entries(texts).map(([id, text]): [string, SectionPolicy] => {
      const parsed = cedar.policyToJson(text);
      assert.ok(parsed.type === 'success', text);
      return [id, { json: parsed.json as unknown as PolicyJson }];
    }),
  );
  return compileGatewayPolicy({ policies, roles: new Map() });
}

function request(): AccessRequest {
  return {
    principal: { kind: 'user', name: 'alice', roles: ['user'], scopes: [], amr: ['pwd'], via: 'bearer' },
    action: 'GET',
    resource: { id: '/notes', attributes: { kind: 'note' } },
    context: {
      method: 'GET',
      path: '/notes',
      params: new Map(),
      address: '192.0.2.7',
      time: 0,
      requestId: '',
    },
  };
}

function decide(texts: Record<string, string>) {
  return compile(texts).decide(request());
}

test('a condition can name the caller, the route and the method, but no other entities', () => {
  const holds = (condition: string) =>
    decide({ p: `permit (principal, action, resource) when { ${condition} };` }).allowed;
  for (const condition of [
    'User::"alice".name == "alice"',
    'User::"alice" in Role::"user"',
    'Route::"/notes" has kind && Route::"/notes".kind == "note"',
    'Action::"GET" in Action::"read"',
  ])
    assert.ok(holds(condition), condition);
  for (const condition of [
    'User::"bob" has name',
    'User::"bob" in Role::"user"',
    'Route::"/other" has kind',
    'Action::"HEAD" in Action::"read"',
    'Action::"read" has name',
  ])
    assert.equal(holds(condition), false, condition);
});

test('only a policy that allows the request raises its alarm', () => {
  const alarm = '@alarm("x") permit (principal, action, resource)';
  assert.deepEqual(decide({ a: `${alarm};` }).alarms, ['a']);
  assert.deepEqual(decide({ a: `${alarm};`, b: 'permit (principal, action, resource);' }).alarms, ['a']);
  assert.deepEqual(
    decide({ a: `${alarm} when { false };`, b: 'permit (principal, action, resource);' }).alarms,
    [],
  );
  assert.deepEqual(decide({ a: `${alarm};`, b: 'forbid (principal, action, resource);' }).alarms, []);
  assert.deepEqual(decide({ b: 'permit (principal, action, resource);' }).alarms, []);
  assert.deepEqual(decide({ a: '@alarm("x") forbid (principal, action, resource);' }).alarms, []);
});

test('an alarm is raised for each request, not only for the first', () => {
  const policy = compile({ a: '@alarm("x") permit (principal, action, resource);' });
  assert.deepEqual(
    [request(), request()].map((asked) => policy.decide(asked).alarms),
    [['a'], ['a']],
  );
});

test('there are errors only if a policy could not be evaluated', () => {
  assert.equal('errors' in decide({ b: 'permit (principal, action, resource);' }), false);
  const failing = decide({ b: 'permit (principal, action, resource) when { principal.none == 1 };' });
  assert.deepEqual(
    failing.errors?.map(({ policy }) => policy),
    ['b'],
  );
});

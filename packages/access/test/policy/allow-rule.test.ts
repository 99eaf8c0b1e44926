import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as cedar from '@cedar-policy/cedar-wasm/nodejs';
import { policiesOfRule } from '../../src/policy/allow-rule.ts';

const ids = (...args: Parameters<typeof policiesOfRule>) => policiesOfRule(...args).map(([id]) => id);

test('a rule becomes a policy that permits, and one that forbids for each of its lists', () => {
  assert.deepEqual(ids({ policyName: '/a' }, { roles: ['x'], scopes: ['y'] }), [
    'route:/a:allow',
    'route:/a:only',
    'route:/a:scopes',
  ]);
  assert.deepEqual(ids({ policyName: '/a' }, { scopes: ['y'] }), ['route:/a:allow', 'route:/a:scopes']);
});

test('if routes share a name, their ids and scopes contain the methods', () => {
  const policies = policiesOfRule({ policyName: '/a', methods: ['GET', 'PUT'] }, { roles: ['x'] });
  const actions = ['GET', 'PUT'].map((id) => ({ type: 'Action', id }));
  assert.deepEqual(
    policies.map(([id, { json }]) => [id, json.action]),
    [
      ['route:GET,PUT /a:allow', { op: 'in', entities: actions }],
      ['route:GET,PUT /a:only', { op: 'in', entities: actions }],
    ],
  );
});

test("the policies of a rule in Cedar's syntax contain its lists", () => {
  const rule = { roles: ['admin'], principals: ['alice'], scopes: ['notes:read'] };
  const texts = policiesOfRule({ policyName: '/a' }, rule).map(([, { json }]) => {
    const converted = cedar.policyToText(json as unknown as cedar.Policy);
    assert.ok(converted.type === 'success', JSON.stringify(converted));
    return converted.text.replaceAll(/\s+/g, ' ');
  });
  const scope = '(principal, action, resource == Route::"/a")';
  const named = '(principal in [Role::"admin"]) || ["alice"].contains(principal.name)';
  const scoped = 'context.scopes.containsAll(["notes:read"])';
  assert.deepEqual(texts, [
    `permit${scope} when { ${named} } when { ${scoped} };`,
    `forbid${scope} unless { ${named} };`,
    `forbid${scope} unless { ${scoped} };`,
  ]);
});

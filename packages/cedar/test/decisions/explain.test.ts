import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PolicySetJson } from '../../src/index.ts';
import { createEntities, entityUid, explainPolicies, fieldsFromJson, recordValue } from '../../src/index.ts';
import { BROKEN_CONTEXT, conditionOf, policyOf } from '../support/outcomes.ts';

const alice = entityUid('User', 'alice');
const entities = createEntities([
  {
    uid: alice,
    attributes: fieldsFromJson({ department: 'sales', age: 42 }),
    parents: [entityUid('Role', 'user')],
  },
]);
const request = {
  principal: alice,
  action: entityUid('Action', 'GET'),
  resource: entityUid('Route', '/notes'),
  context: recordValue(fieldsFromJson({ department: 'hr', scopes: [] })),
};

function explain(policies: Record<string, string>) {
  const staticPolicies = Object.fromEntries(
    Object.entries(policies).map(([id, text]) => [id, policyOf(text)]),
  );
  return explainPolicies({ staticPolicies }, request, entities);
}

test('a policy that applies has no failed part', () => {
  assert.deepEqual(explain({ all: 'permit (principal, action, resource);' }), [
    { policy: 'all', effect: 'permit', applies: true, failed: [], because: [] },
  ]);
});

test('names the parts of the scope and of the conditions that are false, with the values in them', () => {
  const [policy] = explain({
    p: `permit (principal in Role::"admin", action == Action::"PUT", resource) when {
          principal.age > 40 && principal.department == context.department && principal.missing == 1
        } unless { principal is User };`,
  });
  assert.equal(policy?.applies, false);
  assert.deepEqual(policy?.failed, [
    {
      part: 'principal',
      text: 'principal in Role::"admin"',
      values: [{ text: 'principal', value: 'User::"alice"' }],
    },
    { part: 'action', text: 'action == Action::"PUT"', values: [{ text: 'action', value: 'Action::"GET"' }] },
    {
      part: 'when',
      text: 'principal.department == context.department',
      values: [
        { text: 'principal.department', value: '"sales"' },
        { text: 'context.department', value: '"hr"' },
      ],
    },
    {
      part: 'when',
      text: 'principal.missing == 1',
      values: [{ text: 'principal.missing', value: 'missing' }],
      error: 'There is no attribute "missing": ask with `has` first.',
    },
    {
      part: 'unless',
      text: 'principal is User',
      values: [{ text: 'principal', value: 'User::"alice"' }],
    },
  ]);
});

test('the policies with the fewest failed parts come first', () => {
  const order = explain({
    far: 'permit (principal == User::"bob", action == Action::"PUT", resource);',
    near: 'permit (principal == User::"bob", action, resource);',
    applies: 'forbid (principal, action, resource);',
  }).map(({ policy }) => policy);
  assert.deepEqual(order, ['applies', 'near', 'far']);
});

test('explains the links of a template', () => {
  const template = {
    ...policyOf('permit (principal, action, resource);'),
    principal: { op: '==', slot: '?principal' },
  } as const;
  const policies: PolicySetJson = {
    staticPolicies: {},
    templates: { template },
    templateLinks: [
      { templateId: 'template', newId: 'link', values: { '?principal': { type: 'User', id: 'bob' } } },
    ],
  };
  const [link] = explainPolicies(policies, request, entities);
  assert.equal(link?.policy, 'link');
  assert.equal(link?.failed[0]?.text, 'principal == User::"bob"');
});

test('for a policy that applies, names its scope, its values, and the false parts of its exception', () => {
  const text = `forbid (principal is User, action, resource == Route::"/notes")
    when { principal.age > 40 && principal.department like "s*" }
    unless { principal.age < 50 && principal.age > 45 && principal.missing };`;
  const [policy] = explain({ p: text });
  const age = [{ text: 'principal.age', value: '42' }];
  assert.equal(policy?.applies, true);
  assert.deepEqual(policy.failed, []);
  assert.deepEqual(policy.because, [
    { part: 'principal', text: 'principal is User', values: [{ text: 'principal', value: 'User::"alice"' }] },
    {
      part: 'resource',
      text: 'resource == Route::"/notes"',
      values: [{ text: 'resource', value: 'Route::"/notes"' }],
    },
    { part: 'when', text: 'principal.age > 40', values: age },
    {
      part: 'when',
      text: 'principal.department like "s*"',
      values: [{ text: 'principal.department', value: '"sales"' }],
    },
    { part: 'unless', text: 'principal.age > 45', values: age },
    {
      part: 'unless',
      text: 'principal.missing',
      values: [{ text: 'principal.missing', value: 'missing' }],
      error: 'There is no attribute "missing": ask with `has` first.',
    },
  ]);
});

test('a policy that does not apply has no reason', () => {
  const [policy] = explain({ p: 'forbid (principal is User, action, resource) when { false };' });
  assert.deepEqual(policy?.because, []);
});

test('names the resource that a scope does not match', () => {
  const [policy] = explain({ p: 'permit (principal, action, resource == Route::"/admin");' });
  assert.deepEqual(policy?.failed, [
    {
      part: 'resource',
      text: 'resource == Route::"/admin"',
      values: [{ text: 'resource', value: 'Route::"/notes"' }],
    },
  ]);
});

test('a condition `unless` is one part, and each value in it is named once', () => {
  const text = 'principal.age > 40 && principal.age < 50';
  const [policy] = explain({ p: `permit (principal, action, resource) unless { ${text} };` });
  assert.deepEqual(policy?.failed, [
    { part: 'unless', text, values: [{ text: 'principal.age', value: '42' }] },
  ]);
});

test('tags are values; the whole context and literals are not', () => {
  const [tag] = explain({ p: 'permit (principal, action, resource) when { principal.getTag("a") == 1 };' });
  assert.deepEqual(tag?.failed[0]?.values, [{ text: 'principal.getTag("a")', value: 'missing' }]);
  const condition = 'context == { a: 1 } || resource == Route::"/x"';
  const [others] = explain({ p: `permit (principal, action, resource) when { ${condition} };` });
  assert.deepEqual(others?.failed[0]?.values, [{ text: 'resource', value: 'Route::"/notes"' }]);
});

test('a literal record is not an expression, with any names of members', () => {
  const body = { '==': { left: { Var: 'context' }, right: { Value: { Var: 'principal' } } } };
  const policy = { ...conditionOf('true'), conditions: [{ kind: 'when', body } as const] };
  const [explained] = explainPolicies({ staticPolicies: { policy } }, request, entities);
  assert.deepEqual(explained?.failed, [
    { part: 'when', text: 'context == { Var: "principal" }', values: [] },
  ]);
});

test('an error outside of the policy is not explained', () => {
  for (const condition of ['context has a', '!(true || context.a == 1)']) {
    const policies = { staticPolicies: { policy: conditionOf(condition) } };
    const broken = { ...request, context: BROKEN_CONTEXT };
    assert.throws(() => explainPolicies(policies, broken, entities), { name: 'RangeError' }, condition);
  }
});

// Decisions: which policies override others, which are reasons, which are skipped, and which are refused.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as cedar from '@cedar-policy/cedar-wasm/nodejs';
import { CedarError } from '../../src/cedar-error.ts';
import type { PolicyJson, TemplateLinkJson } from '../../src/index.ts';
import { createAuthorizer, createEntities, entityUid, recordValue } from '../../src/index.ts';
import { BROKEN_CONTEXT, conditionOf, policyOf } from '../support/outcomes.ts';

const alice = entityUid('User', 'alice');
const bob = entityUid('User', 'bob');
const staff = entityUid('Group', 'staff');
const read = entityUid('Action', 'read');
const reading = entityUid('Action', 'reading');
const plan = entityUid('Doc', 'plan');
const secret = entityUid('Doc', 'secret');
const folder = entityUid('Folder', 'top');

const entities = createEntities([
  { uid: alice, parents: [staff] },
  { uid: bob },
  { uid: read, parents: [reading] },
  { uid: plan, parents: [folder] },
]);

function decide(
  policies: Record<string, string>,
  changed: { principal?: typeof alice; resource?: typeof plan } = {},
) {
  const staticPolicies = Object.fromEntries(
    Object.entries(policies).map(([id, text]) => [id, policyOf(text)]),
  );
  const request = {
    principal: alice,
    action: read,
    resource: plan,
    context: recordValue(new Map()),
    ...changed,
  };
  return createAuthorizer({ staticPolicies }).isAuthorized(request, entities);
}

test('a request that no policy permits is denied, without a reason', () => {
  assert.deepEqual(decide({}), { allowed: false, reasons: [], errors: [] });
  assert.equal(decide({ a: 'forbid (principal, action, resource) when { false };' }).allowed, false);
});

test('a policy that forbids overrides all that permit, and is the reason', () => {
  const policies = {
    permits: 'permit (principal, action, resource);',
    forbids: 'forbid (principal, action, resource);',
    other: 'permit (principal == User::"alice", action, resource);',
  };
  assert.deepEqual(decide(policies), { allowed: false, reasons: ['forbids'], errors: [] });
});

test('all policies that permit are reasons', () => {
  const { allowed, reasons } = decide({
    all: 'permit (principal, action, resource);',
    group: 'permit (principal in Group::"staff", action, resource);',
    zoe: 'permit (principal == User::"bob", action, resource);',
  });
  assert.equal(allowed, true);
  assert.deepEqual(reasons.toSorted(), ['all', 'group']);
});

test('a policy that fails is skipped and reported, also one that forbids', () => {
  const { allowed, reasons, errors } = decide({
    permits: 'permit (principal, action, resource);',
    fails: 'forbid (principal, action, resource) when { context.missing };',
  });
  assert.equal(allowed, true);
  assert.deepEqual(reasons, ['permits']);
  assert.deepEqual(errors, [
    { policy: 'fails', message: 'There is no attribute "missing": ask with `has` first.' },
  ]);
});

const SCOPES: [scope: string, holds: boolean][] = [
  ['principal, action, resource', true],
  ['principal == User::"alice", action, resource', true],
  ['principal == User::"bob", action, resource', false],
  ['principal == Group::"staff", action, resource', false],
  ['principal in User::"alice", action, resource', true],
  ['principal in Group::"staff", action, resource', true],
  ['principal in Group::"other", action, resource', false],
  ['principal is User, action, resource', true],
  ['principal is Group, action, resource', false],
  ['principal is User in Group::"staff", action, resource', true],
  ['principal is User in Group::"other", action, resource', false],
  ['principal is Group in Group::"staff", action, resource', false],
  ['principal, action == Action::"read", resource', true],
  ['principal, action == Action::"reading", resource', false],
  ['principal, action in Action::"reading", resource', true],
  ['principal, action in [Action::"write", Action::"read"], resource', true],
  ['principal, action in [Action::"write", Action::"reading"], resource', true],
  ['principal, action in [Action::"write"], resource', false],
  ['principal, action in [], resource', false],
  ['principal, action, resource == Doc::"plan"', true],
  ['principal, action, resource == Doc::"secret"', false],
  ['principal, action, resource in Folder::"top"', true],
  ['principal, action, resource is Doc', true],
  ['principal, action, resource is Doc in Folder::"top"', true],
  ['principal, action, resource is Folder in Folder::"top"', false],
];
for (const [scope, holds] of SCOPES) {
  test(`the scope (${scope}) ${holds ? 'matches' : 'does not match'} the request`, () => {
    assert.equal(decide({ policy: `permit (${scope});` }).allowed, holds);
    const many = Object.fromEntries(
      Array.from({ length: 20 }, (_, index) => [
        `other${index}`,
        `permit (principal == User::"user${index}", action == Action::"act${index}", resource == Doc::"doc${index}");`,
      ]),
    );
    assert.equal(decide({ ...many, policy: `permit (${scope});` }).allowed, holds, 'among others');
  });
}

test('an unknown entity has only its name', () => {
  const named = { policy: 'permit (principal, action, resource == Doc::"secret");' };
  assert.equal(decide(named, { resource: secret }).allowed, true);
  assert.equal(
    decide({ policy: 'permit (principal, action, resource in Folder::"top");' }, { resource: secret })
      .allowed,
    false,
  );
});

test('all conditions must be true, and are evaluated in order', () => {
  const text = (conditions: string) => `permit (principal, action, resource) ${conditions};`;
  assert.equal(decide({ policy: text('when { true } unless { false }') }).allowed, true);
  assert.equal(decide({ policy: text('when { true } unless { true }') }).allowed, false);
  const failsLater = decide({ policy: text('when { false } when { context.missing }') });
  assert.deepEqual(failsLater, { allowed: false, reasons: [], errors: [] });
});

test('a principal that joins a group later gets the decision for the group', () => {
  const authorizer = createAuthorizer({
    staticPolicies: { staff: policyOf('permit (principal in Group::"staff", action, resource);') },
  });
  const request = { principal: bob, action: read, resource: plan, context: recordValue(new Map()) };
  assert.equal(authorizer.isAuthorized(request, entities).allowed, false);
  const joined = createEntities([{ uid: bob, parents: [staff] }]);
  assert.equal(authorizer.isAuthorized(request, joined).allowed, true);
  assert.equal(authorizer.isAuthorized(request, entities).allowed, false);
});

test('a link fills the slots of its template', () => {
  const template = {
    ...policyOf('permit (principal, action, resource);'),
    principal: { op: '==', slot: '?principal' },
    resource: { op: 'is', entity_type: 'Doc', in: { slot: '?resource' } },
  } as PolicyJson;
  const values = {
    '?principal': { type: 'User', id: 'alice' },
    '?resource': { type: 'Folder', id: 'top' },
  };
  const linked = (templateId: string, given: object = values) =>
    createAuthorizer({
      staticPolicies: {},
      templates: { template },
      templateLinks: [{ templateId, newId: 'link', values: given as typeof values }],
    });
  const request = { principal: alice, action: read, resource: plan, context: recordValue(new Map()) };
  assert.deepEqual(linked('template').isAuthorized(request, entities).reasons, ['link']);
  assert.equal(linked('template').isAuthorized({ ...request, principal: bob }, entities).allowed, false);
  assert.throws(() => linked('toString'), { code: 'policy_invalid', message: /no template "toString"/ });
  assert.throws(() => linked('template', {}), {
    code: 'policy_invalid',
    message: /no value for \?principal/,
  });
  assert.throws(() => createAuthorizer({ staticPolicies: { template } }), { code: 'policy_invalid' });
});

test('refuses links that Cedar refuses: with a surplus value, or an id that is taken', () => {
  const template = {
    ...policyOf('permit (principal, action, resource);'),
    principal: { op: '==', slot: '?principal' },
  } as PolicyJson;
  const fixed = policyOf('permit (principal, action, resource);');
  const value = { type: 'User', id: 'alice' };
  const set = (newId: string, values: TemplateLinkJson['values']) => ({
    staticPolicies: { fixed },
    templates: { template },
    templateLinks: [
      { templateId: 'template', newId: 'first', values: { '?principal': value } },
      { templateId: 'template', newId, values },
    ],
  });
  const right = set('second', { '?principal': value });
  assert.equal(cedar.checkParsePolicySet(right as never).type, 'success');
  createAuthorizer(right);
  const wrong = [
    set('second', { '?principal': value, '?resource': value }),
    ...['first', 'fixed', 'template'].map((id) => set(id, { '?principal': value })),
  ];
  for (const policies of wrong) {
    assert.equal(cedar.checkParsePolicySet(policies as never).type, 'failure');
    assert.throws(() => createAuthorizer(policies), {
      code: 'policy_invalid',
      message: /"second" has a value for \?resource|"(?:first|fixed|template)" is taken/,
    });
  }
});

const UNUSABLE: [why: string, body: object][] = [
  ['an operator that is not in the language', { xor: { left: { Value: true }, right: { Value: true } } }],
  ['an unknown function', { unknown: [{ Value: 'x' }] }],
  ['a function with too many arguments', { isIpv4: [{ Var: 'context' }, { Var: 'context' }] }],
  ['a function without arguments', { decimal: [] }],
  ['an unknown variable', { Var: 'environment' }],
  ['a slot in a condition', { Slot: '?principal' }],
  ['an object with two operators', { Value: true, Var: 'context' }],
  ['an object without an operator', {}],
  ['a whole number that JSON has rounded', { '==': { left: { Value: 2 ** 53 }, right: { Value: 1 } } }],
  ['a fraction', { '==': { left: { Value: 1.5 }, right: { Value: 1 } } }],
  ['null', { Value: null }],
  ['`has` without an attribute', { has: { left: { Var: 'context' }, attr: [] } }],
  ['a part of a pattern that is not a string', { like: { left: { Value: 'a' }, pattern: [{ Literal: 1 }] } }],
];
for (const [why, body] of UNUSABLE) {
  test(`refuses ${why} before it decides`, () => {
    const policy = {
      ...policyOf('permit (principal, action, resource);'),
      conditions: [{ kind: 'when', body }],
    };
    assert.throws(
      () => createAuthorizer({ staticPolicies: { policy: policy as PolicyJson } }),
      (error) => error instanceof CedarError && error.code === 'policy_invalid',
    );
  });
}

test('refuses an unknown scope', () => {
  const policy = { ...policyOf('permit (principal, action, resource);'), resource: { op: 'near' } };
  assert.throws(() => createAuthorizer({ staticPolicies: { policy: policy as unknown as PolicyJson } }), {
    code: 'policy_invalid',
  });
});

test('refuses a policy that neither permits nor forbids, and a condition that is neither `when` nor `unless`', () => {
  const right = conditionOf('true');
  const wrong = [
    { ...right, effect: 'allow' },
    { ...right, effect: undefined },
    { ...right, conditions: [{ kind: 'if', body: { Value: true } }] },
  ];
  for (const policy of wrong) {
    assert.equal(cedar.checkParsePolicySet({ staticPolicies: { policy } } as never).type, 'failure');
    assert.throws(() => createAuthorizer({ staticPolicies: { policy: policy as PolicyJson } }), {
      code: 'policy_invalid',
      message: /in place of (?:permit or forbid|when or unless)\.$/,
    });
  }
});

test('an error outside of the policy does not count as a failure of the policy', () => {
  const authorizer = createAuthorizer({ staticPolicies: { policy: conditionOf('context has a') } });
  const request = { principal: alice, action: read, resource: plan, context: BROKEN_CONTEXT };
  assert.throws(() => authorizer.isAuthorized(request, entities), { name: 'RangeError', message: 'broken' });
});

// The policy of the admin API: its built-in roles, and what applied policies change.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Principal, SectionPolicy } from '@gatehouse/access';
import { localOperator } from '@gatehouse/access';
import type { ActionScopeJson } from '@gatehouse/cedar';
import { createAdminPolicy } from '../../../src/authz/index.ts';
import { adminEntities } from '../../../src/authz/permissions/admin-policy.ts';

const alice: Principal = { kind: 'user', name: 'alice', roles: [], scopes: [], amr: ['pwd'], via: 'bearer' };
const permissions = [
  { name: 'identity:ListUsers', groups: ['identity:*', 'admin:read'] },
  { name: 'identity:CreateUser', groups: ['identity:*', 'admin:write'] },
  { name: 'identity:RevokeKey', groups: ['identity:*', 'admin:write'] },
  { name: 'server:ReadMetrics', groups: ['server:*', 'admin:read'] },
  { name: 'account:EnrolTotp', groups: ['account:*'] },
];

function policyWith(applied: ReadonlyMap<string, SectionPolicy> = new Map()) {
  const roles = new Map([['boss', ['admin']]]);
  return createAdminPolicy({ applied: () => applied, roles: () => roles, permissions });
}

function decide(who: Partial<Principal>, action = 'identity:ListUsers', policy = policyWith()) {
  const context = {
    method: 'GET',
    path: '/',
    params: new Map(),
    address: '192.0.2.7',
    time: 0,
    requestId: '',
  };
  return policy.decide({
    principal: { ...alice, ...who },
    action,
    resource: { id: '/admin/users' },
    context,
  });
}

test('the role metrics may read the metrics and nothing else', () => {
  assert.equal(decide({ roles: ['metrics'] }, 'server:ReadMetrics').allowed, true);
  assert.equal(decide({ roles: ['metrics'] }).allowed, false);
  assert.equal(decide({ roles: ['user'] }, 'server:ReadMetrics').allowed, false);
});

test('the role admin may do everything, and the policies that decided are named', () => {
  assert.deepEqual(decide({ roles: ['admin'] }).policies, ['built-in:admin']);
  assert.equal(decide({ roles: ['boss'] }).allowed, true, 'a role that includes admin');
  assert.equal(decide(localOperator).allowed, true);
  for (const roles of [[], ['user'], ['Admin']]) {
    const { allowed, reason, policies } = decide({ roles });
    assert.deepEqual([allowed, reason, policies], [false, 'no policy permits identity:ListUsers', []]);
  }
});

test('an auditor reads and changes nothing; an operator also revokes, but creates no user', () => {
  const allowed = (role: string) =>
    permissions.map(({ name }) => name).filter((name) => decide({ roles: [role] }, name).allowed);
  const own = 'account:EnrolTotp';
  assert.deepEqual(allowed('auditor'), ['identity:ListUsers', 'server:ReadMetrics', own]);
  assert.deepEqual(allowed('operator'), [
    'identity:ListUsers',
    'identity:RevokeKey',
    'server:ReadMetrics',
    own,
  ]);
});

test('every person manages their own account, and only people have one', () => {
  const own = 'account:EnrolTotp';
  for (const roles of [[], ['user'], ['admin']]) assert.equal(decide({ roles }, own).allowed, true);
  assert.equal(decide({ kind: 'service', roles: ['admin'], via: 'apiKey' }, own).allowed, false);
  assert.equal(decide(localOperator, own).allowed, false);
});

const policy = (effect: 'permit' | 'forbid', action: ActionScopeJson): SectionPolicy => ({
  json: { effect, principal: { op: 'All' }, action, resource: { op: 'All' }, conditions: [] },
});
const listUsers = { type: 'Action', id: 'identity:ListUsers' };

test('an applied policy that permits everything does not open the admin API', () => {
  for (const action of [{ op: 'All' }, { op: '==', entity: { type: 'Action', id: 'GET' } }] as const) {
    const open = policyWith(new Map([['open', policy('permit', action)]]));
    assert.equal(decide({ roles: ['user'] }, 'identity:ListUsers', open).allowed, false);
  }
});

test('an applied policy can permit only what it names', () => {
  const named = policyWith(new Map([['named', policy('permit', { op: '==', entity: listUsers })]]));
  assert.deepEqual(decide({}, 'identity:ListUsers', named).policies, ['named']);
  assert.equal(decide({}, 'identity:CreateUser', named).allowed, false);
});

test('an applied policy can forbid everything to everyone but the local operator', () => {
  const shut = policyWith(new Map([['shut', policy('forbid', { op: 'All' })]]));
  assert.deepEqual(decide({ roles: ['admin'] }, 'identity:ListUsers', shut).policies, ['shut']);
  assert.equal(decide(localOperator, 'identity:ListUsers', shut).allowed, true);
});

test('a decision follows the policies and roles that are in force', () => {
  let applied = new Map<string, SectionPolicy>();
  const policyNow = createAdminPolicy({ applied: () => applied, roles: () => new Map(), permissions });
  assert.equal(decide({ roles: ['admin'] }, 'identity:ListUsers', policyNow).allowed, true);
  applied = new Map([['shut', policy('forbid', { op: 'All' })]]);
  assert.equal(decide({ roles: ['admin'] }, 'identity:ListUsers', policyNow).allowed, false);
});

test('all requests for a permission share their entities, so that decisions are remembered', () => {
  const entitiesOf = adminEntities(permissions)();
  const [first, second] = ['/a', '/b'].map((id) => entitiesOf({ id }, 'identity:ListUsers'));
  assert.equal(first, second);
  assert.notEqual(first, entitiesOf({ id: '/a' }, 'identity:CreateUser'));
  assert.throws(() => entitiesOf({ id: '/a' }, 'identity:Fly'), /identity:Fly is no permission/);
});

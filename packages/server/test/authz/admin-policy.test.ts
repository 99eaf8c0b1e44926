// The policy of the admin API.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Principal } from '@gatehouse/access';
import { localOperator } from '@gatehouse/access';
import { adminPolicy } from '../../src/authz/index.ts';

const alice: Principal = { kind: 'user', name: 'alice', roles: [], scopes: [], amr: ['pwd'], via: 'bearer' };

function decide(who: Partial<Principal>, action = 'identity:ListUsers') {
  const context = {
    method: 'GET',
    path: '/',
    params: new Map(),
    address: '192.0.2.7',
    time: 0,
    requestId: '',
  };
  const resource = { id: '/admin/users', attributes: {} };
  return adminPolicy.decide({
    principal: { ...alice, ...who },
    action,
    resource,
    context,
  });
}

test('the role metrics may read the metrics and nothing else', () => {
  assert.equal(decide({ roles: ['metrics'] }, 'server:ReadMetrics').allowed, true);
  assert.equal(decide({ roles: ['metrics'] }).allowed, false);
  assert.equal(decide({ roles: ['user'] }, 'server:ReadMetrics').allowed, false);
});

test('the admin API requires role admin: any other role is denied, and the reason names the action', () => {
  assert.equal(decide({ roles: ['admin'] }).allowed, true);
  assert.equal(decide(localOperator).allowed, true);
  for (const roles of [[], ['user'], ['Admin']]) {
    const { allowed, reason } = decide({ roles });
    assert.deepEqual([allowed, reason], [false, 'no role allows identity:ListUsers']);
  }
});

test('every person manages their own account, and only people have one', () => {
  for (const roles of [[], ['user'], ['admin']]) {
    assert.equal(decide({ roles }, 'account:EnrolTotp').allowed, true);
  }
  assert.equal(
    decide({ kind: 'service', roles: ['admin'], via: 'apiKey' }, 'account:EnrolTotp').allowed,
    false,
  );
  assert.equal(decide(localOperator, 'account:EnrolTotp').allowed, false);
});

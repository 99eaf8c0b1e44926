// The known roles: the built-in ones, and those of the rules in force.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createKnownRoles } from '../../src/platform/known-roles.ts';

const BUILT_IN = ['admin', 'user', 'operator', 'auditor', 'metrics'];

test('asks its sources each time, and names each role once', () => {
  const roles = createKnownRoles();
  assert.deepEqual(roles.names(), BUILT_IN);
  let inForce = ['writer', 'admin'];
  roles.add(() => inForce);
  assert.deepEqual(roles.names(), [...BUILT_IN, 'writer']);
  inForce = ['editor'];
  assert.deepEqual(roles.names(), [...BUILT_IN, 'editor']);
});

test('finds the roles that include a role, each time in what is in force', () => {
  const roles = createKnownRoles();
  assert.deepEqual(roles.including('admin'), ['admin']);
  let inForce = new Map([['chief', ['admin', 'user']]]);
  roles.include(() => inForce);
  assert.deepEqual(roles.including('admin'), ['admin', 'chief']);
  inForce = new Map([['writer', ['user']]]);
  assert.deepEqual(roles.including('admin'), ['admin']);
});

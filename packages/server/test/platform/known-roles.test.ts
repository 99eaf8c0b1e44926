// The roles that are known: the built-in ones, and what is in force now.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createKnownRoles } from '../../src/platform/known-roles.ts';

test('asks its sources each time, and names each role once', () => {
  const roles = createKnownRoles();
  assert.deepEqual(roles.names(), ['admin', 'user', 'metrics']);
  let inForce = ['auditor', 'admin'];
  roles.add(() => inForce);
  assert.deepEqual(roles.names(), ['admin', 'user', 'metrics', 'auditor']);
  inForce = ['editor'];
  assert.deepEqual(roles.names(), ['admin', 'user', 'metrics', 'editor']);
});

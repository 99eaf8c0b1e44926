// Warnings about roles that no rule names.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { roleWarnings } from '../../src/identity/role-warnings.ts';

const known = ['admin', 'user', 'metrics', 'auditor'];

test('roles that rules name need no warning', () => {
  assert.deepEqual(roleWarnings(['user', 'auditor'], known), []);
});

test('suggests the most similar role, or lists all if none is similar', () => {
  assert.deepEqual(roleWarnings(['admn', 'user', 'planner', 'Auditor'], known), [
    'No route or policy names the role admn: did you mean admin?',
    'No route or policy names the role planner, only admin, user, metrics, auditor',
    'No route or policy names the role Auditor: did you mean auditor?',
  ]);
});

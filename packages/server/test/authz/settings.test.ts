// Roles that include others.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { roleInclusions } from '../../src/authz/settings.ts';
import { refusal } from '../support/errors.ts';

const included = (roles: Record<string, string[]>) =>
  roleInclusions({
    roles: Object.fromEntries(Object.entries(roles).map(([role, includes]) => [role, { includes }])),
  });

test('a role includes what the roles in it include, each once', () => {
  const found = included({ head: ['manager', 'employee'], manager: ['employee'], employee: ['person'] });
  assert.deepEqual(found.get('head'), ['manager', 'employee', 'person']);
  assert.deepEqual(found.get('manager'), ['employee', 'person']);
  assert.deepEqual([...found.keys()], ['head', 'manager', 'employee']);
});

test('refuses a role that includes itself, and names the way', () => {
  assert.throws(() => included({ a: ['a'] }), refusal('config_invalid', /role a includes itself, by a → a/));
  assert.throws(
    () => included({ x: ['b'], b: ['c'], c: ['b'] }),
    refusal('config_invalid', /role b includes itself, by b → c → b/),
  );
});

test('a role can have the name of a built-in property of objects', () => {
  assert.deepEqual(included({ manager: ['constructor'] }).get('manager'), ['constructor']);
});

// Callers as entities of Cedar.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BUILT_IN_ATTRIBUTES, createPrincipalEntities } from '../../src/policy/principal-entities.ts';
import type { Principal } from '../../src/principals/principal.ts';

const alice: Principal = { kind: 'user', name: 'alice', roles: [], scopes: [], amr: [], via: 'bearer' };

test('a caller is below its groups, its roles, and the roles that these include', () => {
  const entityOf = createPrincipalEntities(new Map([['manager', ['employee', 'person']]]));
  const { entity } = entityOf({ ...alice, roles: ['manager', 'auditor'], groups: ['staff'] });
  assert.equal(entity.uid.key, 'User::"alice"');
  assert.deepEqual([...entity.ancestors].sort(), [
    'Group::"staff"',
    'Role::"auditor"',
    'Role::"employee"',
    'Role::"manager"',
    'Role::"person"',
  ]);
});

test('its attributes are those that an administrator set, but its name is always its own', () => {
  const attributes = { department: 'sales', level: 3, contractor: false, tags: ['a', 'b'], name: 'bob' };
  const { entity } = createPrincipalEntities(new Map())({ ...alice, attributes });
  assert.equal(entity.attributes.get('name'), 'alice');
  assert.equal(entity.attributes.get('level'), 3);
  assert.equal(entity.attributes.get('contractor'), false);
  const tags = entity.attributes.get('tags');
  assert.ok(typeof tags === 'object' && tags.kind === 'set');
  assert.deepEqual([...tags.simple], ['a', 'b']);
});

test('services and the operator have types of their own, and one caller is one entity', () => {
  const entityOf = createPrincipalEntities(new Map());
  const robot: Principal = { ...alice, kind: 'service' };
  assert.equal(entityOf(robot).entity.uid.type, 'Service');
  assert.equal(entityOf({ ...alice, kind: 'operator' }).entity.uid.type, 'Operator');
  assert.equal(entityOf(robot), entityOf(robot));
});

test('a caller to which no attributes were given has the built-in ones', () => {
  const { entity } = createPrincipalEntities(new Map())(alice);
  assert.deepEqual([...entity.attributes.keys()], ['name']);
  assert.deepEqual(BUILT_IN_ATTRIBUTES, ['name']);
});

test('callers with the same roles and groups share them, and all others have their own', () => {
  const entityOf = createPrincipalEntities(new Map([['lead', ['user']]]));
  const ancestors = (member: Partial<Principal>) => entityOf({ ...alice, ...member }).entity.ancestors;
  assert.equal(ancestors({ roles: ['lead'], groups: ['a'] }), ancestors({ roles: ['lead'], groups: ['a'] }));
  assert.deepEqual([...ancestors({ roles: ['lead'] })], ['Role::"lead"', 'Role::"user"']);
  assert.deepEqual([...ancestors({ roles: ['a'], groups: ['lead'] })], ['Role::"a"', 'Group::"lead"']);
  assert.deepEqual([...ancestors({ roles: [], groups: ['a', 'lead'] })], ['Group::"a"', 'Group::"lead"']);
});

test('of a caller without attributes, only the name can be read', () => {
  const { entity } = createPrincipalEntities(new Map())(alice);
  assert.equal(entity.attributes.size, 1);
  assert.equal(entity.attributes.get('name'), 'alice');
  assert.equal(entity.attributes.get('level'), undefined);
  assert.equal(entity.attributes.get('size'), undefined);
});

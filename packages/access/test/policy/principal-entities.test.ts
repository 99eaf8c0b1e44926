// Callers as entities of Cedar.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BUILT_IN_ATTRIBUTES, createPrincipalEntities } from '../../src/policy/principal-entities.ts';
import type { Principal } from '../../src/principals/principal.ts';

const alice: Principal = { kind: 'user', name: 'alice', roles: [], scopes: [], amr: [], via: 'bearer' };

test('a caller is below its groups, its roles, and all included roles', () => {
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

test('its attributes come from an administrator, except its name', () => {
  const attributes = { department: 'sales', level: 3, contractor: false, tags: ['a', 'b'], name: 'bob' };
  const { entity } = createPrincipalEntities(new Map())({ ...alice, attributes });
  assert.equal(entity.attributes.get('name'), 'alice');
  assert.equal(entity.attributes.get('level'), 3);
  assert.equal(entity.attributes.get('contractor'), false);
  const tags = entity.attributes.get('tags');
  assert.ok(typeof tags === 'object' && tags.kind === 'set');
  assert.deepEqual([...tags.simple], ['a', 'b']);
});

test('services and the operator have separate types, and each caller is one entity', () => {
  const entityOf = createPrincipalEntities(new Map());
  const robot: Principal = { ...alice, kind: 'service' };
  assert.equal(entityOf(robot).entity.uid.type, 'Service');
  assert.equal(entityOf({ ...alice, kind: 'operator' }).entity.uid.type, 'Operator');
  assert.equal(entityOf(robot), entityOf(robot));
});

test('a caller without attributes has the built-in ones', () => {
  const { entity } = createPrincipalEntities(new Map())(alice);
  assert.deepEqual([...entity.attributes.keys()], ['name']);
  assert.deepEqual(BUILT_IN_ATTRIBUTES, ['name']);
});

test('callers with the same roles and groups share their sets, and others do not', () => {
  const entityOf = createPrincipalEntities(new Map([['lead', ['user']]]));
  const ancestors = (member: Partial<Principal>) => entityOf({ ...alice, ...member }).entity.ancestors;
  assert.equal(ancestors({ roles: ['lead'], groups: ['a'] }), ancestors({ roles: ['lead'], groups: ['a'] }));
  assert.deepEqual([...ancestors({ roles: ['lead'] })], ['Role::"lead"', 'Role::"user"']);
  assert.deepEqual([...ancestors({ roles: ['a'], groups: ['lead'] })], ['Role::"a"', 'Group::"lead"']);
  assert.deepEqual([...ancestors({ roles: [], groups: ['a', 'lead'] })], ['Group::"a"', 'Group::"lead"']);
});

test('a caller without attributes has only a name', () => {
  const { entity } = createPrincipalEntities(new Map())(alice);
  assert.equal(entity.attributes.size, 1);
  assert.equal(entity.attributes.get('name'), 'alice');
  assert.equal(entity.attributes.get('level'), undefined);
  assert.equal(entity.attributes.get('size'), undefined);
});

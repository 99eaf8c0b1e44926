// Entities that no policy can tell apart are of one kind.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createEntityKinds } from '../../src/cedar/entity-kinds.ts';
import { createEntities, entityUid } from '../../src/cedar/index.ts';
import { principalOrResource } from '../../src/cedar/scope.ts';

const staff = { type: 'Group', id: 'staff' };
const constraints = [
  principalOrResource({ op: 'in', entity: staff }, {}),
  principalOrResource({ op: '==', entity: { type: 'User', id: 'root' } }, {}),
  principalOrResource({ op: 'is', entity_type: 'Robot' }, {}),
];

function kindOf(type: string, id: string, groups: string[] = []): number {
  const uid = entityUid(type, id);
  const entities = createEntities([{ uid, parents: groups.map((group) => entityUid('Group', group)) }]);
  return find(uid, entities.get(uid.key));
}

const find = createEntityKinds(constraints);

test('users with the same groups are of one kind, whatever else they are in', () => {
  assert.equal(kindOf('User', 'alice', ['staff']), kindOf('User', 'bob', ['staff', 'choir']));
  assert.equal(kindOf('User', 'carol'), kindOf('User', 'dave', ['choir']));
  assert.notEqual(kindOf('User', 'alice', ['staff']), kindOf('User', 'carol'));
});

test('an entity that a policy names, or whose type it names, is of another kind', () => {
  const kinds = [kindOf('User', 'x'), kindOf('User', 'root'), kindOf('Robot', 'x'), kindOf('Group', 'staff')];
  assert.equal(new Set(kinds).size, 4);
  assert.notEqual(kindOf('Group', 'staff'), kindOf('User', 'alice', ['staff']), 'itself, and one below');
  assert.equal(find(entityUid('User', 'root'), undefined), kindOf('User', 'root'));
});

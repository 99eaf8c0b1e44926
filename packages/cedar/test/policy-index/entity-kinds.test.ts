import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAuthorizer, createEntities, entityUid, recordValue } from '../../src/index.ts';
import { principalOrResource } from '../../src/policies/scope.ts';
import { createEntityKinds } from '../../src/policy-index/entity-kinds.ts';
import { policyOf } from '../support/outcomes.ts';

const names = ['alice', 'bob', 'carol', 'robot', 'dave'];
const user = (name: string) => entityUid('User', name);
const role = (name: string) => entityUid('Role', name);
const robot = entityUid('Service', 'robot');
const entities = createEntities([
  { uid: user('alice'), parents: [role('reader'), role('writer')] },
  { uid: user('bob'), parents: [role('writer'), role('reader')] },
  { uid: user('carol'), parents: [role('reader')] },
  { uid: robot, parents: [role('reader')] },
]);
const scopes = (...texts: string[]) =>
  texts.map((text) => principalOrResource(policyOf(`permit (${text}, action, resource);`).principal, {}));

function kinds(...texts: string[]): number[] {
  const kindOf = createEntityKinds(scopes(...texts));
  return [user('alice'), user('bob'), user('carol'), robot, user('dave')].map((uid) =>
    kindOf(uid, entities.get(uid.key)),
  );
}

test('entities that no scope distinguishes are of one kind', () => {
  assert.deepEqual(kinds('principal'), [0, 0, 0, 0, 0]);
  assert.deepEqual(kinds('principal in Role::"other"'), [0, 0, 0, 0, 0]);
});

test('a scope distinguishes the entities below an entity, with parents in any order', () => {
  assert.deepEqual(kinds('principal in Role::"writer"'), [0, 0, 1, 1, 1]);
  assert.deepEqual(kinds('principal in Role::"writer"', 'principal in Role::"reader"'), [0, 0, 1, 1, 2]);
});

test('a scope distinguishes an entity that it names, also an unknown one', () => {
  assert.deepEqual(kinds('principal == User::"bob"'), [0, 1, 0, 0, 0]);
  assert.deepEqual(kinds('principal == User::"dave"'), [0, 0, 0, 0, 1]);
});

test('a scope distinguishes the types that it names', () => {
  assert.deepEqual(kinds('principal is Service'), [0, 0, 0, 1, 0]);
  assert.deepEqual(kinds('principal is User in Role::"reader"'), [0, 0, 0, 1, 2]);
});

test('a changed entity is of another kind', () => {
  const kindOf = createEntityKinds(scopes('principal in Role::"writer"'));
  const [before] = createEntities([{ uid: user('alice'), parents: [] }]).values();
  assert.notEqual(kindOf(user('alice'), before), kindOf(user('alice'), entities.get(user('alice').key)));
});

test('decisions do not depend on earlier requests', () => {
  const texts = [
    'permit (principal == User::"bob", action, resource);',
    'permit (principal is Service, action == Action::"GET", resource);',
    'permit (principal in Role::"writer", action == Action::"PUT", resource is Route);',
    'forbid (principal in Role::"writer", action, resource == Route::"b");',
    'permit (principal is User in Role::"reader", action in [Action::"GET"], resource == Route::"b");',
  ];
  const staticPolicies = Object.fromEntries(texts.map((text, index) => [`p${index}`, policyOf(text)]));
  const requests = names.flatMap((name) =>
    ['GET', 'PUT'].flatMap((action) =>
      [entityUid('Route', 'a'), entityUid('Route', 'b'), entityUid('Server', 'control')].map((resource) => ({
        principal: name === 'robot' ? robot : user(name),
        action: entityUid('Action', action),
        resource,
        context: recordValue(new Map()),
      })),
    ),
  );
  const alone = requests.map((request) =>
    createAuthorizer({ staticPolicies }).isAuthorized(request, entities),
  );
  for (const order of [requests, requests.toReversed()]) {
    const authorizer = createAuthorizer({ staticPolicies });
    for (const request of order)
      assert.deepEqual(authorizer.isAuthorized(request, entities), alone[requests.indexOf(request)]);
  }
});

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

test('users with the same named groups are of one kind, even if their other groups differ', () => {
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

test('the kind of an entity is computed once', () => {
  let reads = 0;
  const entity = {
    uid: user('alice'),
    attributes: new Map(),
    tags: new Map(),
    get ancestors() {
      reads += 1;
      return new Set([role('writer').key]);
    },
  };
  const kindOf = createEntityKinds(scopes('principal in Role::"writer"'));
  assert.equal(kindOf(entity.uid, entity), kindOf(entity.uid, entity));
  assert.equal(reads, 1);
});

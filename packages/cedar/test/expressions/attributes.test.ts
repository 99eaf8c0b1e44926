// Attributes of the entities of a request, and the errors for missing ones.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAuthorizer, createEntities, entityUid, recordValue } from '../../src/index.ts';
import { conditionOf } from '../support/outcomes.ts';

const alice = entityUid('User', 'alice');
const request = {
  principal: alice,
  action: entityUid('Action', 'read'),
  resource: entityUid('Doc', 'plan'),
  context: recordValue(new Map([['one', 1]])),
};

function decide(condition: string) {
  const known = createEntities([
    { uid: alice, attributes: new Map([['name', 'alice']]), tags: new Map([['red', 1]]) },
  ]);
  const searched: string[] = [];
  const entities = {
    get(key: string) {
      searched.push(key);
      return known.get(key);
    },
  };
  const authorizer = createAuthorizer({ staticPolicies: { policy: conditionOf(condition) } });
  return { ...authorizer.isAuthorized(request, entities), searched };
}

test('the entities of a request are searched once, even if many of their attributes are read', () => {
  const { allowed, searched } = decide(
    'principal has name && principal.name == "alice" && !(action has name)',
  );
  assert.equal(allowed, true);
  assert.deepEqual(searched, ['User::"alice"', 'Action::"read"', 'Doc::"plan"']);
});

for (const [condition, message] of [
  ['principal.age == 1', 'There is no attribute "age": ask with `has` first.'],
  ['resource.name == "x"', 'There is no attribute "name": ask with `has` first.'],
  ['context.one has name', '"name" was read from a value without attributes.'],
  ['context.one.name == "x"', '"name" was read from a value without attributes.'],
  ['context.one.hasTag("red")', 'A tag was read from a value that is not an entity.'],
  ['principal.hasTag(1)', 'The name of a tag is not a string.'],
  ['principal.getTag("green") == 1', 'The entity does not have the tag.'],
] as const) {
  test(`the error of \`${condition}\` says what is wrong`, () => {
    assert.deepEqual(decide(condition).errors, [{ policy: 'policy', message }]);
  });
}

// Which policies the index returns for a request.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evaluationOf } from '../../src/entities/request.ts';
import { createEntities, entityUid, recordValue } from '../../src/index.ts';
import { compilePolicy } from '../../src/policies/policy.ts';
import { indexScopes } from '../../src/policy-index/scope-index.ts';
import { policyOf } from '../support/outcomes.ts';

const alice = entityUid('User', 'alice');
const entities = createEntities([{ uid: alice, parents: [entityUid('Group', 'staff')] }]);
const context = recordValue(new Map());
const [action, resource] = [entityUid('Action', 'read'), entityUid('Doc', 'plan')];

function candidates(...scopes: string[]): string[] {
  const policies = scopes.map((scope) => compilePolicy(scope, policyOf(`permit (${scope});`)));
  const evaluation = evaluationOf({ principal: alice, action, resource, context }, entities);
  return [...indexScopes(policies)(evaluation)].map(({ id }) => id);
}

test('leaves out a policy that names other entities than those of the request', () => {
  const own = ['principal, action, resource is Doc', 'principal in Group::"staff", action, resource'];
  const others = ['principal == User::"bob", action, resource', 'principal, action in [], resource'];
  assert.deepEqual(candidates(...own, ...others), own);
});

test('returns all policies that name the same entity', () => {
  const own = [
    'principal == User::"alice", action, resource',
    'principal in User::"alice", action, resource is Doc',
  ];
  assert.deepEqual(candidates(...own), own);
});

test('a policy is stored under its rarest entity: many policies with the same action cost nothing', () => {
  const users = ['alice', 'bob', 'carol'].map(
    (name) => `principal == User::"${name}", action == Action::"read", resource`,
  );
  assert.deepEqual(candidates(...users), users.slice(0, 1));
  const docs = ['plan', 'note', 'list'].map(
    (name) => `principal == User::"alice", action == Action::"read", resource == Doc::"${name}"`,
  );
  assert.deepEqual(candidates(...docs), docs.slice(0, 1));
});

test('a policy that names several actions is as frequent as all of them together', () => {
  const several = 'principal == User::"zoe", action in [Action::"read", Action::"write"], resource';
  const others = [
    'principal == User::"zoe", action, resource',
    'principal, action == Action::"write", resource',
  ];
  assert.deepEqual(candidates(several, ...others), []);
});

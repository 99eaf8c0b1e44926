// How often the index searches the policies for a request.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evaluationOf } from '../../src/entities/request.ts';
import { entityUid, recordValue } from '../../src/index.ts';
import type { CompiledPolicy } from '../../src/policies/policy.ts';
import { compilePolicy } from '../../src/policies/policy.ts';
import { indexPolicies } from '../../src/policy-index/policy-index.ts';
import { policyOf } from '../support/outcomes.ts';

function evaluation(principal: string) {
  const [action, resource] = [entityUid('Action', 'read'), entityUid('Doc', 'plan')];
  const context = recordValue(new Map());
  return evaluationOf({ principal: entityUid('User', principal), action, resource, context }, new Map());
}

/** Policies that distinguish these principals, and whether a principal's policies are searched again. */
function createFinder(most?: number) {
  let searches = 0;
  const policies = ['a', 'b', 'c', 'd'].map((name): CompiledPolicy => {
    const json = policyOf(`permit (principal == User::"${name}", action, resource);`);
    const policy = compilePolicy(name, json);
    return {
      ...policy,
      scopeHolds(asked) {
        searches += 1;
        return policy.scopeHolds(asked);
      },
    };
  });
  const find = indexPolicies(policies, most);
  return (principal: string): boolean => {
    const before = searches;
    assert.deepEqual(
      find(evaluation(principal)).map(({ id }) => id),
      [principal],
    );
    return searches > before;
  };
}

test('searches the policies for requests of one kind once', () => {
  const isSearched = createFinder();
  assert.deepEqual(['a', 'b', 'a', 'b', 'a'].map(isSearched), [true, true, false, false, false]);
});

test('stores the lists up to the limit, and removes all of them when there are more', () => {
  const isSearched = createFinder(2);
  assert.deepEqual(['a', 'b', 'a', 'b'].map(isSearched), [true, true, false, false]);
  assert.deepEqual(['c', 'd', 'c', 'd'].map(isSearched), [true, true, false, false]);
  assert.deepEqual(['a', 'c'].map(isSearched), [true, true]);
});

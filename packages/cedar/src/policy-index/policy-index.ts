// Finds the policies whose scope matches a request, so that all others cost nothing. Requests with the same
// kinds of principal, action and resource match the same policies, so each combination is searched once.

import type { Evaluation } from '../entities/request.ts';
import type { CompiledPolicy } from '../policies/policy.ts';
import { createEntityKinds } from './entity-kinds.ts';
import { indexScopes } from './scope-index.ts';

/** The policies whose scope matches, each once. */
export type FindPolicies = (evaluation: Evaluation) => readonly CompiledPolicy[];

/** The limit for the lists, so that they do not fill the memory. */
const LISTS_KNOWN = 50_000;

/**
 * Stores at most `most` lists, and removes all of them when there are more.
 * @example
 * const find = indexPolicies(policies);
 * const policies = find(evaluation);
 */
export function indexPolicies(policies: readonly CompiledPolicy[], most = LISTS_KNOWN): FindPolicies {
  const candidates = indexScopes(policies);
  const principalKind = createEntityKinds(policies.map(({ principal }) => principal));
  const actionKind = createEntityKinds(policies.map(({ action }) => action));
  const resourceKind = createEntityKinds(policies.map(({ resource }) => resource));
  /** By the kinds of principal, action and resource. */
  let lists: Map<number, readonly CompiledPolicy[]>[][] = [];
  let known = 0;

  function listsOf(principal: number, action: number): Map<number, readonly CompiledPolicy[]> {
    if (known >= most) {
      lists = [];
      known = 0;
    }
    lists[principal] ??= [];
    lists[principal][action] ??= new Map();
    return lists[principal][action];
  }

  function findNew(evaluation: Evaluation): readonly CompiledPolicy[] {
    return [...candidates(evaluation)].filter((policy) => policy.scopeHolds(evaluation));
  }

  return (evaluation) => {
    const principal = principalKind(evaluation.principal, evaluation.principalEntity);
    const action = actionKind(evaluation.action, evaluation.actionEntity);
    const resource = resourceKind(evaluation.resource, evaluation.resourceEntity);
    const found = lists[principal]?.[action]?.get(resource);
    if (found) return found;
    const list = findNew(evaluation);
    listsOf(principal, action).set(resource, list);
    known += 1;
    return list;
  };
}

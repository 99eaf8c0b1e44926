// Finds the policies that can apply to a request, so that all others cost nothing. Each policy lies under the
// entities of one of its constraints: the constraint whose entities the fewest policies name.
import type { Entity } from './entities.ts';
import type { CompiledPolicy } from './policy.ts';
import type { Evaluation } from './request.ts';
import type { EntityUid } from './values.ts';

const PLACES = ['principal', 'action', 'resource'] as const;
type Place = (typeof PLACES)[number];

type ByKey = Map<string, CompiledPolicy[]>;

/** The policies that may apply, each once; those that forbid come first. */
export type FindPolicies = (evaluation: Evaluation) => readonly CompiledPolicy[];

/**
 * @example
 * const find = indexPolicies(policies);
 * const candidates = find(evaluation);
 */
export function indexPolicies(policies: readonly CompiledPolicy[]): FindPolicies {
  const counts = countKeys(policies);
  const index: Record<Place, ByKey> = { principal: new Map(), action: new Map(), resource: new Map() };
  const always: CompiledPolicy[] = [];
  for (const policy of policies.toSorted(forbidFirst)) {
    const place = rarestPlace(policy, counts);
    if (!place) always.push(policy);
    for (const key of new Set((place && policy[place].keys) ?? []))
      append(index[place as Place], key, policy);
  }
  const finders = PLACES.filter((place) => index[place].size > 0).map((place) => ({
    place,
    entityOf: ENTITIES[place],
    find: createFinder(index[place]),
  }));

  return (evaluation) => {
    let found: readonly CompiledPolicy[] = always;
    for (const { place, entityOf, find } of finders) {
      found = merge(found, find(evaluation[place], entityOf(evaluation)));
    }
    return found;
  };
}

const ENTITIES: Record<Place, (evaluation: Evaluation) => Entity | undefined> = {
  principal: ({ principalEntity }) => principalEntity,
  action: ({ actionEntity }) => actionEntity,
  resource: ({ resourceEntity }) => resourceEntity,
};

const NONE: readonly CompiledPolicy[] = [];

/** What an entity finds is found once: an entity that changes is another object. */
function createFinder(
  byKey: ByKey,
): (uid: EntityUid, entity: Entity | undefined) => readonly CompiledPolicy[] {
  const known = new WeakMap<Entity, readonly CompiledPolicy[]>();

  function findNew({ uid, ancestors }: Entity): readonly CompiledPolicy[] {
    const found = new Set(byKey.get(uid.key));
    for (const key of ancestors) for (const policy of byKey.get(key) ?? []) found.add(policy);
    return [...found].sort(forbidFirst);
  }

  return (uid, entity) => {
    if (!entity) return byKey.get(uid.key) ?? NONE;
    let found = known.get(entity);
    if (!found) {
      found = findNew(entity);
      known.set(entity, found);
    }
    return found;
  };
}

function merge(one: readonly CompiledPolicy[], other: readonly CompiledPolicy[]): readonly CompiledPolicy[] {
  if (other.length === 0) return one;
  if (one.length === 0) return other;
  return [...one, ...other].sort(forbidFirst);
}

function forbidFirst(one: CompiledPolicy, other: CompiledPolicy): number {
  return Number(one.effect === 'permit') - Number(other.effect === 'permit');
}

function rarestPlace(policy: CompiledPolicy, counts: Record<Place, Map<string, number>>): Place | undefined {
  const weights = PLACES.flatMap((place) => {
    const { keys } = policy[place];
    return keys ? [{ place, weight: keys.reduce((sum, key) => sum + (counts[place].get(key) ?? 0), 0) }] : [];
  });
  return weights.sort((one, other) => one.weight - other.weight)[0]?.place;
}

function countKeys(policies: readonly CompiledPolicy[]): Record<Place, Map<string, number>> {
  const counts = { principal: new Map<string, number>(), action: new Map(), resource: new Map() };
  for (const policy of policies) {
    for (const place of PLACES) {
      for (const key of policy[place].keys ?? []) counts[place].set(key, (counts[place].get(key) ?? 0) + 1);
    }
  }
  return counts;
}

function append(index: ByKey, key: string, policy: CompiledPolicy): void {
  const policies = index.get(key);
  if (policies) policies.push(policy);
  else index.set(key, [policy]);
}

// Finds the few policies of a large set that can apply to a request. Each policy is stored under the entities
// of one of its constraints: the one whose entities occur in the fewest policies.
import type { Entity } from '../entities/entities.ts';
import type { Evaluation } from '../entities/request.ts';
import type { CompiledPolicy } from '../policies/policy.ts';
import type { EntityUid } from '../values/values.ts';

const PLACES = ['principal', 'action', 'resource'] as const;
type Place = (typeof PLACES)[number];

type ByKey = Map<string, CompiledPolicy[]>;

/** The policies that may apply, and some that do not. */
export type FindCandidates = (evaluation: Evaluation) => ReadonlySet<CompiledPolicy>;

/**
 * @example
 * const candidates = indexScopes(policies)(evaluation);
 */
export function indexScopes(policies: readonly CompiledPolicy[]): FindCandidates {
  const named = {
    principal: namedBy(policies, 'principal'),
    action: namedBy(policies, 'action'),
    resource: namedBy(policies, 'resource'),
  };
  const index: Record<Place, ByKey> = { principal: new Map(), action: new Map(), resource: new Map() };
  const always: CompiledPolicy[] = [];
  for (const policy of policies) {
    const place = rarestPlace(policy, named);
    if (place) for (const key of policy[place].keys ?? []) append(index[place], key, policy);
    else always.push(policy);
  }
  return (evaluation) => {
    const more = PLACES.flatMap((place) =>
      found(index[place], evaluation[place], ENTITIES[place](evaluation)),
    );
    return new Set([...always, ...more]);
  };
}

const ENTITIES: Record<Place, (evaluation: Evaluation) => Entity | undefined> = {
  principal: ({ principalEntity }) => principalEntity,
  action: ({ actionEntity }) => actionEntity,
  resource: ({ resourceEntity }) => resourceEntity,
};

const NONE: readonly CompiledPolicy[] = [];

function found(byKey: ByKey, uid: EntityUid, entity: Entity | undefined): readonly CompiledPolicy[] {
  if (!entity) return byKey.get(uid.key) ?? NONE;
  return [uid.key, ...entity.ancestors].flatMap((key) => byKey.get(key) ?? NONE);
}

/** The entities of all policies, with repetitions: once for each policy that names them. */
type Named = Record<Place, ReadonlyMap<string, readonly string[]>>;

function namedBy(policies: readonly CompiledPolicy[], place: Place): Map<string, string[]> {
  return Map.groupBy(
    policies.flatMap((policy) => policy[place].keys ?? []),
    (key) => key,
  );
}

/** Undefined for a policy that names no entity. */
function rarestPlace(policy: CompiledPolicy, named: Named): Place | undefined {
  const weights = PLACES.flatMap((place) => {
    const keys = policy[place].keys;
    return keys ? [{ place, weight: weightOf(keys, named[place]) }] : [];
  });
  return weights.sort((one, other) => one.weight - other.weight)[0]?.place;
}

function weightOf(keys: readonly string[], named: Named[Place]): number {
  return keys.reduce((sum, key) => sum + (named.get(key) ?? []).length, 0);
}

function append(index: ByKey, key: string, policy: CompiledPolicy): void {
  const policies = index.get(key);
  if (policies) policies.push(policy);
  else index.set(key, [policy]);
}

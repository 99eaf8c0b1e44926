// Finds the few policies of a large set that can apply to a request. Each policy lies under the entities of
// one of its constraints: the constraint whose entities the fewest policies name.
import type { Entity } from './entities.ts';
import type { CompiledPolicy } from './policy.ts';
import type { Evaluation } from './request.ts';
import type { EntityUid } from './values.ts';

const PLACES = ['principal', 'action', 'resource'] as const;
type Place = (typeof PLACES)[number];

type ByKey = Map<string, CompiledPolicy[]>;

/** The policies that may apply; also some that do not. */
export type FindCandidates = (evaluation: Evaluation) => ReadonlySet<CompiledPolicy>;

/**
 * @example
 * const candidates = indexScopes(policies)(evaluation);
 */
export function indexScopes(policies: readonly CompiledPolicy[]): FindCandidates {
  const counts = countKeys(policies);
  const index: Record<Place, ByKey> = { principal: new Map(), action: new Map(), resource: new Map() };
  const always: CompiledPolicy[] = [];
  for (const policy of policies) {
    const place = rarestPlace(policy, counts);
    if (!place) always.push(policy);
    for (const key of (place && policy[place].keys) ?? []) append(index[place as Place], key, policy);
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

function rarestPlace(policy: CompiledPolicy, counts: Record<Place, Map<string, number>>): Place | undefined {
  let rarest: Place | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const place of PLACES) {
    const { keys } = policy[place];
    if (!keys) continue;
    let weight = 0;
    for (const key of keys) weight += counts[place].get(key) ?? 0;
    if (weight >= least) continue;
    least = weight;
    rarest = place;
  }
  return rarest;
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

// Entities are of one kind if no scope in a set of policies distinguishes them. There are few kinds: users
// with the same roles are of the same kind, unless a policy names one of them.
import type { Entity } from '../entities/entities.ts';
import type { Constraint } from '../policies/scope.ts';
import type { EntityUid } from '../values/values.ts';

/** The number of the kind, from 0. An unknown entity has only its name. */
export type FindKind = (uid: EntityUid, entity: Entity | undefined) => number;

/**
 * `constraints` are all policies' constraints on one of the three, such as the principal.
 * @example
 * const kindOf = createEntityKinds(policies.map(({ principal }) => principal));
 */
export function createEntityKinds(constraints: readonly Constraint[]): FindKind {
  const keys = new Set(constraints.flatMap((constraint) => constraint.keys ?? []));
  const types = new Set(constraints.flatMap(({ type }) => type ?? []));
  const numbers = new Map<string, number>();
  // A changed entity is a new object.
  const known = new WeakMap<Entity, number>();

  function findNew({ type, key }: EntityUid, ancestors: Iterable<string>): number {
    const above = [...ancestors].filter((ancestor) => keys.has(ancestor)).sort();
    const features = [types.has(type) && type, keys.has(key) && key, ...above];
    const text = JSON.stringify(features);
    const number = numbers.get(text) ?? numbers.size;
    numbers.set(text, number);
    return number;
  }

  return (uid, entity) => {
    if (!entity) return findNew(uid, []);
    let number = known.get(entity);
    if (number === undefined) {
      number = findNew(uid, entity.ancestors);
      known.set(entity, number);
    }
    return number;
  };
}

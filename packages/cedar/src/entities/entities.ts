// Entities and their hierarchy (https://docs.cedarpolicy.com/policies/syntax-entity.html). Refuses a
// hierarchy with a cycle. An unknown entity has no attributes and no parents.
import { CedarError } from '../cedar-error.ts';
import type { EntityUid, Fields } from '../values/values.ts';

/** An entity with all entities above it. */
export interface Entity {
  readonly uid: EntityUid;
  readonly attributes: Fields;
  readonly tags: Fields;
  /** The keys of all entities above it. */
  readonly ancestors: ReadonlySet<string>;
}

/** A given entity: it has only its parents. */
export interface NewEntity {
  uid: EntityUid;
  attributes?: Fields;
  tags?: Fields;
  parents?: readonly EntityUid[];
}

/** Entities by the key of their name. */
export type Entities = Pick<ReadonlyMap<string, Entity>, 'get'>;

const NONE: Fields = new Map();

/**
 * Throws a `CedarError` for a cycle, or an entity that is given twice.
 * @example
 * const entities = createEntities([{ uid: entityUid('User', 'alice'), parents: [entityUid('Group', 'staff')] }]);
 */
export function createEntities(given: readonly NewEntity[]): ReadonlyMap<string, Entity> {
  const parentsOf = new Map<string, readonly EntityUid[]>();
  for (const { uid, parents = [] } of given) {
    if (parentsOf.has(uid.key)) throw invalid(`${uid.key} is given twice`);
    parentsOf.set(uid.key, parents);
  }
  const ancestorsOf = createAncestors(parentsOf);
  return new Map(
    given.map(({ uid, attributes = NONE, tags = NONE }) => {
      return [uid.key, { uid, attributes, tags, ancestors: ancestorsOf(uid.key) }];
    }),
  );
}

/** Returns a function that finds all ancestors of an entity. It throws a `CedarError` for a cycle. */
function createAncestors(
  parentsOf: ReadonlyMap<string, readonly EntityUid[]>,
): (key: string) => ReadonlySet<string> {
  const found = new Map<string, ReadonlySet<string>>();
  const onTheWay = new Set<string>();

  return function ancestorsOf(key): ReadonlySet<string> {
    const known = found.get(key);
    if (known) return known;
    if (onTheWay.has(key)) throw invalid(`${key} is its own ancestor`);
    onTheWay.add(key);
    const ancestors = new Set<string>();
    for (const parent of parentsOf.get(key) ?? []) {
      ancestors.add(parent.key);
      for (const ancestor of ancestorsOf(parent.key)) ancestors.add(ancestor);
    }
    onTheWay.delete(key);
    found.set(key, ancestors);
    return ancestors;
  };
}

function invalid(what: string): CedarError {
  return new CedarError(`The entities are not valid: ${what}.`);
}

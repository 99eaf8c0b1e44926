// `in` and `is`: the place of an entity in the hierarchy, and its type.
import type { Entity } from '../entities/entities.ts';
import type { Evaluation } from '../entities/request.ts';
import { EvaluationError } from '../evaluation-error.ts';
import type { EntityUid, Value } from '../values/values.ts';
import { membersOf } from '../values/values.ts';
import type { Node } from './node.ts';
import { dependentNode, foldedNode } from './node.ts';

const notEntity = new EvaluationError('The left side of `in` or `is` is not an entity.');
const notEntities = new EvaluationError('The right side of `in` is neither an entity nor a set of entities.');

/** `left in right`: the same entity, or one below it. */
export function isIn(left: Node, right: Node): Node {
  const entityOf =
    left.entity ?? ((evaluation) => evaluation.entities.get(entity(left.evaluate(evaluation)).key));
  const keysOf = keysFinder(right);
  return dependentNode((evaluation) => {
    const { key } = entity(left.evaluate(evaluation));
    const keys = keysOf(evaluation);
    return keys.includes(key) || isBelow(entityOf(evaluation), keys);
  });
}

/** `left is type` */
export function isOfType({ evaluate, constant }: Node, type: string): Node {
  return foldedNode([constant], (evaluation) => entity(evaluate(evaluation)).type === type);
}

function isBelow(found: Entity | undefined, keys: readonly string[]): boolean {
  if (!found) return false;
  for (const key of keys) if (found.ancestors.has(key)) return true;
  return false;
}

/** The keys of the entities on the right side of `in`. */
function keysFinder({ evaluate, constant }: Node): (evaluation: Evaluation) => readonly string[] {
  if (constant === undefined) return (evaluation) => keysOf(evaluate(evaluation));
  try {
    const keys = keysOf(constant);
    return () => keys;
  } catch {
    return () => {
      throw notEntities;
    };
  }
}

function keysOf(value: Value): string[] {
  if (typeof value === 'object') {
    if (value.kind === 'entity') return [value.key];
    if (value.kind === 'set' && value.simple.size === 0 && value.others.length === 0) {
      return membersOf(value).map((member) => entity(member).key);
    }
  }
  throw notEntities;
}

function entity(value: Value): EntityUid {
  if (typeof value === 'object' && value.kind === 'entity') return value;
  throw notEntity;
}

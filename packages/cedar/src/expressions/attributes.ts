// Attributes of entities and members of records, and tags of entities. An unknown entity has none of them:
// `has` is false, and reading one is an error.
import type { Entity } from '../entities/entities.ts';
import type { Evaluation } from '../entities/request.ts';
import { EvaluationError } from '../evaluation-error.ts';
import type { EntityUid, Fields, Value } from '../values/values.ts';
import type { Node } from './node.ts';
import { dependentNode } from './node.ts';

const notEntity = new EvaluationError('A tag was read from a value that is not an entity.');
const notString = new EvaluationError('The name of a tag is not a string.');
const noTag = new EvaluationError('The entity does not have the tag.');

/** `left.name` */
export function readAttribute(left: Node, name: string): Node {
  const missing = madeOnce(`There is no attribute "${name}": ask with \`has\` first.`);
  const fieldsOf = attributesOf(left, name);
  return dependentNode((evaluation) => {
    const value = fieldsOf(evaluation)?.get(name);
    if (value === undefined) throw missing();
    return value;
  });
}

/** `left has name` */
export function hasAttribute(left: Node, name: string): Node {
  const fieldsOf = attributesOf(left, name);
  return dependentNode((evaluation) => fieldsOf(evaluation)?.get(name) !== undefined);
}

/** `left.getTag(right)` */
export function readTag(left: Node, right: Node): Node {
  const tagOf = tagFinder(left, right);
  return dependentNode((evaluation) => {
    const value = tagOf(evaluation);
    if (value === undefined) throw noTag;
    return value;
  });
}

/** `left.hasTag(right)` */
export function hasTag(left: Node, right: Node): Node {
  const tagOf = tagFinder(left, right);
  return dependentNode((evaluation) => tagOf(evaluation) !== undefined);
}

/** An error that is created when it first happens, because most policies never fail. */
function madeOnce(message: string): () => EvaluationError {
  let error: EvaluationError | undefined;
  return () => {
    error ??= new EvaluationError(message);
    return error;
  };
}

type Find<Found> = (evaluation: Evaluation) => Found | undefined;

/** Undefined for an unknown entity. */
function attributesOf({ evaluate, entity }: Node, name: string): Find<Fields> {
  if (entity) return (evaluation) => entity(evaluation)?.attributes;
  const noAttributes = madeOnce(`"${name}" was read from a value without attributes.`);
  return (evaluation) => {
    const value = evaluate(evaluation);
    if (typeof value === 'object') {
      if (value.kind === 'record') return value.fields;
      if (value.kind === 'entity') return entityOf(value, evaluation)?.attributes;
    }
    throw noAttributes();
  };
}

function tagFinder(left: Node, right: Node): Find<Value> {
  return (evaluation) => {
    const value = left.evaluate(evaluation);
    const name = right.evaluate(evaluation);
    if (typeof value !== 'object' || value.kind !== 'entity') throw notEntity;
    if (typeof name !== 'string') throw notString;
    return entityOf(value, evaluation)?.tags.get(name);
  };
}

function entityOf({ key }: EntityUid, { entities }: Evaluation): Entity | undefined {
  return entities.get(key);
}

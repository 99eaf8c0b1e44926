// Values from JSON (https://docs.cedarpolicy.com/auth/entities-syntax.html): literals of policies, attributes
// of entities, and contexts. Refuses values without an exact equivalent in Cedar: null, fractions, and JSON
// numbers that JavaScript has already rounded.
import { CedarError } from '../cedar-error.ts';
import { callExtension } from './extensions/extension-functions.ts';
import { longFrom } from './long.ts';
import type { EntityUid, Fields, Value } from './values.ts';
import { entityUid, recordValue, setValue } from './values.ts';

/** The name of an entity in JSON. */
export interface EntityJson {
  type: string;
  id: string;
}

/**
 * Throws a `CedarError`, and an `EvaluationError` for a malformed extension value.
 * @example
 * valueFromJson({ __entity: { type: 'User', id: 'alice' } });
 */
export function valueFromJson(json: unknown): Value {
  switch (typeof json) {
    case 'boolean':
    case 'string':
      return json;
    case 'bigint':
      return longFrom(json);
    case 'number':
      if (Number.isSafeInteger(json)) return json;
      throw invalid(`the number ${json} is not a whole number between -(2^53-1) and 2^53-1`);
    case 'object':
      if (json !== null) return Array.isArray(json) ? setValue(json.map(valueFromJson)) : objectValue(json);
  }
  throw invalid(`${String(json)} is not a value`);
}

/**
 * The attributes of an entity, or the members of a context. Throws as `valueFromJson` does.
 * @example
 * const context = recordValue(fieldsFromJson({ hour: 9 }));
 */
export function fieldsFromJson(json: object): Fields {
  return new Map(Object.entries(json).map(([name, value]) => [name, valueFromJson(value)]));
}

/**
 * Throws a `CedarError`.
 * @example
 * const alice = entityFromJson({ type: 'User', id: 'alice' });
 */
export function entityFromJson(json: unknown): EntityUid {
  const { type, id } = (json ?? {}) as Partial<EntityJson>;
  if (typeof type !== 'string' || typeof id !== 'string') throw invalid('an entity has no "type" or no "id"');
  return entityUid(type, id);
}

function objectValue(json: object): Value {
  const [entry, ...more] = Object.entries(json);
  if (entry && more.length === 0) {
    const [name, content] = entry;
    if (name === '__entity') return entityFromJson(content);
    if (name === '__extn') return extensionValue(content);
  }
  return recordValue(fieldsFromJson(json));
}

function extensionValue(json: unknown): Value {
  const { fn, arg, args = [arg] } = (json ?? {}) as { fn?: unknown; arg?: unknown; args?: unknown };
  if (typeof fn !== 'string' || !Array.isArray(args))
    throw invalid('an extension value has no "fn" or no "arg"');
  return callExtension(fn, args.map(valueFromJson));
}

function invalid(what: string): CedarError {
  return new CedarError(`The policy or its data cannot be used: ${what}.`);
}

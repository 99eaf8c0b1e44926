// Reads the schema of the settings: their names, the keys at a place, and an example of a value.
import { z } from 'zod';

/** A place in the configuration, such as `['gateway', 'routes', 0, 'methods']`. */
export type SettingPath = readonly PropertyKey[];

/** The path of every setting. */
export function settingPaths(schema: z.ZodType, path: string[] = []): string[][] {
  const inner = writable(schema);
  if (!(inner instanceof z.ZodObject)) return [path];
  return Object.entries(inner.shape).flatMap(([key, value]) =>
    settingPaths(value as z.ZodType, [...path, key]),
  );
}

/** The keys that the schema has at this place; none if it has no object there. */
export function keysAt(schema: z.ZodType, path: SettingPath): string[] {
  const [found] = schemasAlong(schema, path).slice(path.length);
  const object = found && objectIn(found);
  return object ? Object.keys(object.shape) : [];
}

/** A value that is allowed at this place; undefined if the schema has no example for it. */
export function exampleAt(schema: z.ZodType, path: SettingPath): unknown {
  const [found] = schemasAlong(schema, path, (each) => each).slice(path.length);
  for (let each = found; each; each = outerOf(each)) {
    const { examples } = (each.meta() ?? {}) as { examples?: unknown[] };
    if (examples) return examples[0];
  }
  if (typeof path.at(-1) === 'number') return firstOf(exampleAt(schema, path.slice(0, -1)));
  return undefined;
}

function firstOf(list: unknown): unknown {
  return Array.isArray(list) ? list[0] : undefined;
}

/** The default value of a setting, in the form that a person would write; undefined if it has none. */
export function defaultAt(schema: z.ZodType, path: SettingPath): unknown {
  const [found] = schemasAlong(schema, path, (each) => each).slice(path.length);
  for (let each = found; each; each = outerOf(each)) {
    if (each instanceof z.ZodPrefault || each instanceof z.ZodDefault) return each.def.defaultValue;
  }
  return undefined;
}

/** The schema of the text that a person writes: without defaults and conversions. */
export function writable(schema: z.ZodType): z.ZodType {
  const inner = outerOf(schema);
  return inner ? writable(inner) : schema;
}

function outerOf(schema: z.ZodType): z.ZodType | undefined {
  if (schema instanceof z.ZodPipe) return schema.in as z.ZodType;
  if (schema instanceof z.ZodPrefault || schema instanceof z.ZodDefault || schema instanceof z.ZodOptional) {
    return schema.unwrap() as z.ZodType;
  }
  return undefined;
}

/** The schemas from the root to this place, as far as they go. */
function schemasAlong(schema: z.ZodType, path: SettingPath, shape = writable): z.ZodType[] {
  const along = [shape(schema)];
  for (const key of path) {
    const next = below(writable(along.at(-1) as z.ZodType), key);
    if (!next) return along;
    along.push(shape(next));
  }
  return along;
}

function below(schema: z.ZodType, key: PropertyKey): z.ZodType | undefined {
  if (schema instanceof z.ZodArray) return schema.element as z.ZodType;
  if (schema instanceof z.ZodRecord) return schema.valueType as z.ZodType;
  const object = objectIn(schema);
  return object && Object.hasOwn(object.shape, key) ? (object.shape[String(key)] as z.ZodType) : undefined;
}

/** The object itself, or the object that a union allows besides simpler values. */
function objectIn(schema: z.ZodType): z.ZodObject | undefined {
  if (schema instanceof z.ZodObject) return schema;
  if (!(schema instanceof z.ZodUnion)) return undefined;
  const options = (schema.options as z.ZodType[]).map(writable);
  return options.find((option) => option instanceof z.ZodObject);
}

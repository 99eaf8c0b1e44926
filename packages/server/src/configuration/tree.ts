// The settings as people write them: an object of objects, before the schema. Values from the command line
// and from the environment are text. Lists and objects in them are JSON.
import { GatehouseError } from '@gatehouse/access';

/** Settings before the schema. */
export type Tree = { [key: string]: unknown };

/** Puts a value at a place. Throws `config_invalid` if it would replace a value that is not an object. */
export function assign(tree: Tree, path: readonly string[], value: unknown): void {
  const [key = '', ...rest] = path;
  if (key === '__proto__') throw new GatehouseError('config_unknown', 'Unknown setting __proto__.');
  if (rest.length === 0) {
    tree[key] = value;
    return;
  }
  const next = Object.hasOwn(tree, key) ? tree[key] : {};
  if (typeof next !== 'object' || next === null || Array.isArray(next)) {
    // Replacing the value would lose it silently.
    const message = `Setting ${[...path].join('.')} cannot be set: ${key} is already set as a whole.`;
    throw new GatehouseError('config_invalid', message);
  }
  tree[key] = next;
  assign(next as Tree, rest, value);
}

/** The value at a place; undefined if there is none. */
export function valueAt(tree: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    return (value as Tree)[String(key)];
  }, tree);
}

/** Reads `KEY=VALUE`. Throws `config_invalid`. */
export function parsePair(pair: string): [path: string[], value: unknown] {
  const at = pair.indexOf('=');
  if (at > 0) {
    const name = pair.slice(0, at);
    return [name.split('.'), parseValue(name, pair.slice(at + 1))];
  }
  throw new GatehouseError('config_invalid', `--set ${pair} must have the form KEY=VALUE.`);
}

/** Node replaces octets that are not UTF-8 with this character in arguments and in the environment. */
const REPLACEMENT = '\ufffd';

/** Lists and objects are written as JSON. Anything else is text, and the schema converts it. */
export function parseValue(name: string, text: string): unknown {
  if (text.includes(REPLACEMENT)) {
    const message = `The value of ${name} is not text in UTF-8: set the terminal, or the program that wrote it, to UTF-8.`;
    throw new GatehouseError('config_invalid', message);
  }
  if (!/^[[{]/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text; // The schema's error names the expected type.
  }
}

// The parameters of a path: the decoded values of the segments `:name` of a route's path, computed on demand.
import type { Fields } from '@gatehouse/cedar';

/**
 * `path` is canonical and matches the route with `pattern`.
 * @example
 * parameterFields('/notes/:id', '/notes/7').get('id'); // '7'
 */
export function parameterFields(pattern: string, path: string): Fields {
  return pattern.includes('/:') ? new PathParameters(pattern, path) : NONE;
}

/**
 * The names of the parameters of a route's path, each once.
 * @example
 * parameterNames('/notes/:id/*'); // ['id']
 */
export function parameterNames(pattern: string): string[] {
  const named = pattern.split('/').filter((part) => part.startsWith(':'));
  return [...new Set(named.map((part) => part.slice(1)))];
}

const NONE: Fields = new Map();

class PathParameters implements Fields {
  readonly #pattern: string;
  readonly #path: string;

  constructor(pattern: string, path: string) {
    this.#pattern = pattern;
    this.#path = path;
  }

  get size(): number {
    return parameterNames(this.#pattern).length;
  }

  keys(): MapIterator<string> {
    return parameterNames(this.#pattern).values();
  }

  get(name: string): string | undefined {
    const at = segmentNamed(this.#pattern, name);
    return at < 0 ? undefined : decoded(segmentAt(this.#path, at));
  }
}

/** The number of the last segment with this name; -1 without one. */
function segmentNamed(pattern: string, name: string): number {
  let found = -1;
  // Otherwise the value could be more than one segment.
  if (name.includes('/')) return found;
  for (let at = 0, start = 1; start > 0; at++) {
    const isNamed = pattern.charCodeAt(start) === COLON && pattern.startsWith(name, start + 1);
    const end = start + 1 + name.length;
    if (isNamed && (end === pattern.length || pattern.charCodeAt(end) === SLASH)) found = at;
    start = pattern.indexOf('/', start) + 1;
  }
  return found;
}

const COLON = 0x3a;
const SLASH = 0x2f;

function segmentAt(path: string, number: number): string {
  let start = 1;
  for (let at = 0; at < number; at++) start = path.indexOf('/', start) + 1;
  const end = path.indexOf('/', start);
  return end < 0 ? path.slice(start) : path.slice(start, end);
}

function decoded(segment: string): string {
  return segment.includes('%') ? decodeURIComponent(segment) : segment;
}

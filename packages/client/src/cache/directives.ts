// The directives of Cache-Control (RFC 9111 §5.2). Names in any case, values as tokens or in quotes. An
// invalid number counts as 0, and so does one with two different values: an answer with unclear freshness is
// stale (§4.2.1).

/** Names in lower case. A directive without a value has an empty string. */
export type Directives = ReadonlyMap<string, string>;

const DIRECTIVE = /[\s,]*([!#$%&'*+\-.^_`|~0-9A-Za-z]+)(?:=(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*)))?[^,]*/y;

/** The directives of a field. If a name occurs twice with different values, its value is `twice`. */
export function parseDirectives(field: string | null | undefined): Directives {
  const directives = new Map<string, string>();
  const text = field ?? '';
  const pattern = new RegExp(DIRECTIVE);
  for (let match = pattern.exec(text); match !== null && match[0] !== ''; match = pattern.exec(text)) {
    const [, name = '', quoted, token = ''] = match;
    const key = name.toLowerCase();
    const value = quoted?.replaceAll(/\\(.)/g, '$1') ?? token;
    const before = directives.get(key);
    directives.set(key, before === undefined || before === value ? value : 'twice');
  }
  return directives;
}

/** Seconds (§1.2.2), or undefined without the directive. */
export function secondsOf(directives: Directives, name: string): number | undefined {
  const value = directives.get(name);
  if (value === undefined) return undefined;
  return /^\d+$/.test(value) ? Math.min(Number(value), MOST_SECONDS) : 0;
}

/** Larger numbers count as this one (§1.2.2). */
export const MOST_SECONDS = 2 ** 31;

// The directives of Cache-Control (RFC 9111 §5.2). Names in any case, values as tokens or in quotes. A number
// that is not one, or that is given twice with different values, counts as 0: what is not clear is not fresh
// (§4.2.1).

/** Names in lower case. The value of a directive without one is an empty text. */
export type Directives = ReadonlyMap<string, string>;

const DIRECTIVE = /[\s,]*([!#$%&'*+\-.^_`|~0-9A-Za-z]+)(?:=(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*)))?[^,]*/y;

/** The directives of a field. A name that is given twice with different values has the value `twice`. */
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

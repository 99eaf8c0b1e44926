// Describes mistakes in settings. Each sentence has the place of the setting, the expected value with an
// example, and the current value. It does not repeat a value that may be a secret.
import { GatehouseError } from '@gatehouse/access';
import type { z } from 'zod';
import { problemOf } from '../platform/problems/schema-problem.ts';
import { nearest } from './nearest.ts';
import type { SettingPath } from './setting-paths.ts';
import { defaultAt, exampleAt, keysAt } from './setting-paths.ts';
import { valueAt } from './tree.ts';

type Issue = z.core.$ZodIssue;

/** All mistakes in `tree`. Unknown keys come first, because an unknown key may be a misspelt missing one. */
export function problemsIn(schema: z.ZodType, tree: unknown, error: z.ZodError): GatehouseError[] {
  const issues = error.issues.flatMap((issue) => withinUnion(tree, issue));
  const unknown = issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys' ? issue.keys.map((key) => ({ path: issue.path, key })) : [],
  );
  const wrong = issues.filter(({ code }) => code !== 'unrecognized_keys');
  return [
    ...unknown.map((each) => new GatehouseError('config_unknown', unknownKey(schema, tree, each))),
    ...wrong.map((issue) => new GatehouseError('config_invalid', wrongValue(schema, tree, issue))),
  ];
}

/** If a value may be a text or an object, and is an object, reports only the mistakes in the object. */
function withinUnion(tree: unknown, issue: Issue): Issue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const value = valueAt(tree, issue.path);
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  const inner = issue.errors.find(
    ([first]) => first && !(first.code === 'invalid_type' && first.path.length === 0),
  );
  if (!isObject || !inner) return [issue];
  return inner.flatMap((each) => withinUnion(tree, { ...each, path: [...issue.path, ...each.path] }));
}

function unknownKey(
  schema: z.ZodType,
  tree: unknown,
  { path, key }: { path: SettingPath; key: string },
): string {
  const near = nearest(key, keysAt(schema, path)) ?? deeper(schema, path, key);
  const { owner, member } = placeOf(tree, path);
  const meant = (prefix: SettingPath) =>
    near === undefined ? SEE_DOCS : `: did you mean ${[...prefix, near].map(String).join('.')}?`;
  if (owner !== undefined) {
    return `${owner} has the unknown key ${[...member, key].map(String).join('.')}${meant(member)}`;
  }
  return `Unknown setting ${[...path, key].map(String).join('.')}${meant(path)}`;
}

/** A key that is one level further down: `roles` of a route is `allow.roles`. */
function deeper(schema: z.ZodType, path: SettingPath, key: string): string | undefined {
  for (const each of keysAt(schema, path)) {
    const near = nearest(key, keysAt(schema, [...path, each]));
    if (near !== undefined) return `${each}.${near}`;
  }
  return undefined;
}

const SEE_DOCS = ': see docs/configuration.md for all settings.';

function wrongValue(schema: z.ZodType, tree: unknown, issue: Issue): string {
  const { owner, member } = placeOf(tree, issue.path);
  const problem = explained(schema, issue, valueAt(tree, issue.path));
  if (owner !== undefined) {
    if (member.length === 0) return `${owner} ${problem}.`;
    return `${owner}: ${dotted(member)} ${/^(?:is|has|must)\b/.test(problem) ? problem : `is not valid: ${problem}`}.`;
  }
  const name = issue.path.map(String).join('.');
  if (name === '') return `The configuration ${problem}.`;
  return problem.startsWith('is ')
    ? `Setting ${name} ${problem}.`
    : `Setting ${name} is not valid: ${problem}.`;
}

/** An entry of a list, and the rest of the path. */
interface Place {
  /** `Route /notes/* (gateway.routes[0])`; undefined for a setting that is not in a list. */
  owner: string | undefined;
  member: SettingPath;
}

function placeOf(tree: unknown, path: SettingPath): Place {
  const [block, list, entry, ...member] = path;
  if (entry === undefined || block !== 'gateway') return ELSEWHERE;
  if (list === 'upstreams') {
    // Without a key of its object, the setting itself has the value.
    if (member.length === 0 && typeof valueAt(tree, path) !== 'object') return ELSEWHERE;
    return { owner: `Upstream ${String(entry)} (gateway.upstreams.${String(entry)})`, member };
  }
  const listName = String(list);
  const [what, named] = NAMED_ENTRIES[listName] ?? [];
  if (what === undefined || named === undefined) return ELSEWHERE;
  const place = `gateway.${listName}[${String(entry)}]`;
  const value = valueAt(tree, [block, listName, entry, named]);
  const name = Array.isArray(value) ? value[0] : value;
  const isNamed = typeof name === 'string' && name !== '' && member[0] !== named;
  return { owner: isNamed ? `${what} ${name} (${place})` : `${what} ${place}`, member };
}

/** The lists under `gateway`: the word for an entry, and the key with its name. */
const NAMED_ENTRIES: Readonly<Record<string, readonly [what: string, named: string]>> = {
  routes: ['Route', 'path'],
  certificates: ['Certificate', 'certificate'],
  acme: ['Certificate', 'names'],
};

const ELSEWHERE: Place = { owner: undefined, member: [] };

/** `allow.roles[0]` */
function dotted(path: SettingPath): string {
  return path.reduce<string>(
    (text, key) =>
      typeof key === 'number' ? `${text}[${key}]` : text === '' ? String(key) : `${text}.${String(key)}`,
    '',
  );
}

function explained(schema: z.ZodType, issue: Issue, value: unknown): string {
  const [wanted, given = ''] = splitGiven(problemOf(issue));
  const example = /such as/.test(wanted) ? undefined : exampleFor(schema, issue);
  const such = example === undefined ? '' : `, such as ${spaced(example)}`;
  return `${wanted}${such}${givenNote(wanted, value) ?? given}`;
}

/** Only if a value of another form was expected. Without a better example, it is the default. */
function exampleFor(schema: z.ZodType, { code, path }: Issue): unknown {
  if (!HAS_EXAMPLE.has(code)) return undefined;
  const initial = defaultAt(schema, path);
  return (
    exampleAt(schema, path) ?? (code === 'invalid_type' && typeof initial === 'string' ? initial : undefined)
  );
}

const HAS_EXAMPLE = new Set<Issue['code']>(['invalid_type', 'invalid_format', 'too_small', 'too_big']);

/** `must be a list, not a text` in its two parts. */
function splitGiven(problem: string): [wanted: string, given: string | undefined] {
  const at = problem.search(
    /, not (?:a list|an object|a text|a number|null|true or false|undefined|-?[\d.e+]+)$/,
  );
  return at < 0 ? [problem, undefined] : [problem.slice(0, at), problem.slice(at)];
}

/** JSON on one line, with spaces where a person writes them. */
function spaced(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spaced).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(([key, member]) => `${JSON.stringify(key)}: ${spaced(member)}`);
  return `{ ${members.join(', ')} }`;
}

const LONGEST_NOTE = 60;

/**
 * Quotes the value, unless the problem already quotes it, or the value may have a password, as in
 * `http://a:b@host`.
 */
function givenNote(wanted: string, value: unknown): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return undefined;
  if (/must be (?:a list|an object)/.test(wanted) && /^[[{]/.test(String(value)))
    return '; the text is not valid JSON';
  const quoted = JSON.stringify(value);
  const isWish = wanted.startsWith('must ') && !wanted.includes(', not ');
  return isWish && quoted.length <= LONGEST_NOTE && !quoted.includes('@') ? `, not ${quoted}` : undefined;
}

// Describes in plain words the mistake in a value, and what to give instead. A message never repeats text
// from a person, because it may be a secret. It repeats only numbers, and choices that do not exist.
import type { z } from 'zod';

type Issue = z.core.$ZodIssue;

/** One sentence that begins with the member's name: `limit: must be at least 1, not 0.` */
export function problemWithMember(issue: Issue, what: string): string {
  if (issue.code === 'unrecognized_keys') return unknownMember(issue, what);
  const member = issue.path.join('.');
  const problem = problemOf(issue);
  return member === '' ? `${what} ${problem}.` : `${member}: ${problem}.`;
}

function unknownMember({ keys, path }: Issue & { code: 'unrecognized_keys' }, what: string): string {
  const names = keys.map((key) => JSON.stringify(key)).join(', ');
  const where = path.length > 0 ? path.join('.') : what;
  if (keys.length === 1) return `${where} has ${names}, which this server does not know: leave it out.`;
  return `${where} has ${names}, which this server does not know: leave them out.`;
}

const DEFAULT_MESSAGE = /^(?:Invalid|Too (?:small|big)|Unrecognized)/;

/** The text after the name of the value: `must be a whole number, not 1.5`. */
export function problemOf(issue: Issue): string {
  // A message in the schema itself is more specific.
  if (!DEFAULT_MESSAGE.test(issue.message)) return issue.message;
  switch (issue.code) {
    case 'invalid_type':
      return wrongKind(issue.expected, issue.input);
    case 'invalid_value':
      return `must be ${either(issue.values.map(String))}${choiceNote(issue.input)}`;
    case 'too_small':
      return outOfRange(issue, 'at least', issue.minimum);
    case 'too_big':
      return outOfRange(issue, 'at most', issue.maximum);
    case 'invalid_union':
      return unionProblem(issue);
    case 'invalid_key':
      return keyProblem(issue);
    default:
      return issue.message;
  }
}

/** The mistake in the name of a member of a record. */
function keyProblem({ issues: [first], path }: Issue & { code: 'invalid_key' }): string {
  return first ? problemOf(first) : `has a name that is not allowed: ${String(path.at(-1))}`;
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  null: 'null',
};

function wrongKind(expected: string, input: unknown): string {
  const wanted = KINDS[expected] ?? expected;
  if (input === undefined) return `is missing; give ${wanted}`;
  if (typeof input === 'number' && !Number.isNaN(input)) return `must be ${wanted}, not ${input}`;
  return `must be ${wanted}, not ${kindOf(input)}`;
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  // A text that is not a number becomes NaN before the schema checks it.
  if (Number.isNaN(value)) return 'a text';
  return KINDS[typeof value] ?? typeof value;
}

const EITHER = new Intl.ListFormat('en-GB', { type: 'disjunction' });

function either(choices: readonly string[]): string {
  return EITHER.format(choices.map((choice) => (choice === '' ? '"" (empty)' : choice)));
}

const LONGEST_CHOICE = 40;

function choiceNote(input: unknown): string {
  if (input === undefined) return '; it is missing';
  if (typeof input === 'number') return `, not ${input}`;
  if (typeof input !== 'string') return `, not ${kindOf(input)}`;
  return input.length <= LONGEST_CHOICE ? `, not ${JSON.stringify(input)}` : '';
}

const UNITS: Readonly<Record<string, [one: string, many: string]>> = {
  string: ['character', 'characters'],
  array: ['entry', 'entries'],
};

function outOfRange(issue: Issue & { origin: string }, bound: string, limit: number | bigint): string {
  const unit = UNITS[issue.origin];
  if (unit) return `must have ${bound} ${limit} ${Number(limit) === 1 ? unit[0] : unit[1]}`;
  const given = typeof issue.input === 'number' ? `, not ${issue.input}` : '';
  return `must be ${bound} ${limit}${given}`;
}

function unionProblem(issue: Issue & { code: 'invalid_union' }): string {
  const first = issue.errors.flat().find(({ path }) => path.length > 0);
  if (first) return `${first.path.join('.')} ${problemOf(first)}`;
  const kinds = issue.errors.flatMap(([each]) => (each?.code === 'invalid_type' ? [each.expected] : []));
  const known = [...new Set(kinds)].map((kind) => KINDS[kind] ?? kind);
  return known.length > 0 ? `must be ${EITHER.format(known)}` : 'is not valid';
}

// Reads settings from the configuration file, the environment and the command line; later ones win. Checks
// all of them against the one schema. An unknown or invalid setting stops the start with one line.
import { existsSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { GatehouseError } from '@gatehouse/access';
import { z } from 'zod';
import type { Config } from './config.ts';
import { configSchema } from './config.ts';
import { problemOf } from './platform/schema-problem.ts';
import { readTextFile } from './platform/text.ts';
import { isServiceLink } from './service-links.ts';

export interface ConfigSources {
  /** The configuration file; default: gatehouse.config.ts or .json in the working folder, if there is one. */
  file?: string | undefined;
  /** `KEY=VALUE` pairs of the command line. */
  set: readonly string[];
  upstream?: string | undefined;
  environment: NodeJS.ProcessEnv;
}

type Tree = { [key: string]: unknown };

// Names with our prefix that are not settings.
const RESERVED = new Set(['GATEHOUSE_DATA', 'GATEHOUSE_MASTER_KEY_FILE', 'GATEHOUSE_VECTORS']);

/** The settings in force. Throws `config_unknown`, `config_invalid` or `config_unreadable`. */
export async function loadConfig(sources: ConfigSources): Promise<Config> {
  const tree = await readFile(sources.file);
  for (const [path, value] of environmentSettings(sources.environment)) assign(tree, path, value);
  for (const pair of sources.set) assign(tree, ...parsePair(pair));
  if (sources.upstream !== undefined) assign(tree, ['gateway', 'upstream'], sources.upstream);
  const result = configSchema.safeParse(tree, { reportInput: true });
  if (result.success) return result.data;
  throw describe(result.error, tree);
}

/** Every setting's path, from the schema. */
export function settingPaths(schema: z.ZodType = configSchema, path: string[] = []): string[][] {
  const inner = unwrap(schema);
  if (!(inner instanceof z.ZodObject)) return [path];
  return Object.entries(inner.shape).flatMap(([key, value]) =>
    settingPaths(value as z.ZodType, [...path, key]),
  );
}

/** What a person may write: without defaults, and before anything is computed from it. */
function unwrap(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodPipe) return unwrap(schema.in as z.ZodType);
  if (schema instanceof z.ZodPrefault || schema instanceof z.ZodDefault || schema instanceof z.ZodOptional) {
    return unwrap(schema.unwrap() as z.ZodType);
  }
  return schema;
}

async function readFile(file: string | undefined): Promise<Tree> {
  const path = file ?? ['gatehouse.config.ts', 'gatehouse.config.json'].find((name) => existsSync(name));
  if (path === undefined) return {};
  const content = await importFile(resolve(path));
  if (typeof content === 'object' && content !== null && !Array.isArray(content)) return content as Tree;
  throw new GatehouseError('config_unreadable', `${path} must export a configuration object by default.`);
}

async function importFile(path: string): Promise<unknown> {
  try {
    const text = readTextFile(path, 'config_unreadable'); // Node does not check a module's encoding
    if (extname(path) === '.json') return JSON.parse(text);
    // A copy, because settings from other sources are added to it. A value that cannot be copied, such as a
    // function, is not a setting.
    return structuredClone(await importModule(pathToFileURL(path).href));
  } catch (error) {
    if (error instanceof GatehouseError) throw error;
    const reason = existsSync(path) ? reasonOf(error, path) : 'there is no such file: correct --config';
    throw new GatehouseError('config_unreadable', `${path} cannot be read: ${reason}`, { cause: error });
  }
}

/** One line. Only the stack of a syntax error names the line in the file. */
function reasonOf(error: unknown, path: string): string {
  if (!(error instanceof Error)) return String(error);
  const [message = ''] = error.message.split('\n');
  const [place = ''] = (error.stack ?? '').split('\n');
  const file = `${pathToFileURL(path).href}:`;
  return place.startsWith(file) ? `line ${place.slice(file.length)}: ${message}` : message;
}

const OWN_NAMES = new Set(['@gatehouse/gatehouse', '@gatehouse/server', 'gatehouse']);

// A configuration file may lie in any folder: our names resolve to this program, and TypeScript with
// import and export is read as a module even if the nearest package.json says otherwise.
async function importModule(url: string): Promise<unknown> {
  const hooks = registerHooks({
    resolve: (specifier, context, next) =>
      OWN_NAMES.has(specifier)
        ? { url: import.meta.resolve('#define-config'), shortCircuit: true }
        : next(specifier, context),
    load: (loaded, context, next) =>
      next(
        loaded,
        loaded === url && url.endsWith('.ts') ? { ...context, format: 'module-typescript' } : context,
      ),
  });
  try {
    const module = (await import(url)) as { default?: unknown };
    return module.default;
  } finally {
    hooks.deregister();
  }
}

function parsePair(pair: string): [string[], unknown] {
  const at = pair.indexOf('=');
  if (at > 0) {
    const name = pair.slice(0, at);
    return [name.split('.'), parseValue(name, pair.slice(at + 1))];
  }
  throw new GatehouseError('config_invalid', `--set ${pair} must have the form KEY=VALUE.`);
}

/** Lists and objects are written as JSON. Anything else is text, and the schema converts it. */
function parseValue(name: string, text: string): unknown {
  if (text.includes(REPLACEMENT)) {
    const message = `The value of ${name} is not text in UTF-8: set the terminal, or what wrote it, to UTF-8.`;
    throw new GatehouseError('config_invalid', message);
  }
  if (!/^[[{]/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text; // The schema's error names the expected type.
  }
}

/** Node replaces octets that are not UTF-8 with this character in arguments and in the environment. */
const REPLACEMENT = '\ufffd';

function assign(tree: Tree, path: readonly string[], value: unknown): void {
  const [key = '', ...rest] = path;
  if (key === '__proto__') throw new GatehouseError('config_unknown', 'Unknown setting __proto__.');
  if (rest.length === 0) {
    tree[key] = value;
    return;
  }
  const next = Object.hasOwn(tree, key) ? tree[key] : {};
  if (typeof next !== 'object' || next === null || Array.isArray(next)) {
    // Replacing the value would lose it without a word.
    const message = `Setting ${[...path].join('.')} cannot be set: ${key} is set as a whole already.`;
    throw new GatehouseError('config_invalid', message);
  }
  tree[key] = next;
  assign(next as Tree, rest, value);
}

function environmentSettings(environment: NodeJS.ProcessEnv): [string[], unknown][] {
  const known = new Map(settingPaths().map((path) => [comparable(path.join('')), path]));
  return Object.entries(environment).flatMap(([name, value]): [string[], unknown][] => {
    if (!name.startsWith('GATEHOUSE_') || RESERVED.has(name) || value === undefined) return [];
    if (isServiceLink(name, value)) return [];
    const rest = name.slice('GATEHOUSE_'.length);
    const path = known.get(comparable(rest));
    if (path) return [[path, parseValue(name, value)]];
    // A setting has at least two words. A variable with only one belongs to another program.
    if (!rest.includes('_')) return [];
    throw new GatehouseError(
      'config_unknown',
      `Unknown setting ${name} in the environment: unset or correct it.`,
    );
  });
}

function comparable(name: string): string {
  return name.replaceAll('_', '').toLowerCase();
}

function describe(error: z.ZodError, tree: Tree): GatehouseError {
  const issue = error.issues[0];
  if (!issue) return new GatehouseError('config_invalid', 'The configuration is not valid.');
  if (issue.code === 'unrecognized_keys') {
    const [key = ''] = issue.keys;
    const name = [...issue.path, key].join('.');
    return new GatehouseError('config_unknown', `Unknown setting ${name}${suggestion(issue.path, key)}`);
  }
  const name = issue.path.join('.');
  const problem = problemOf(issue);
  const note = givenNote(problem, valueAt(tree, issue.path));
  return new GatehouseError('config_invalid', sentence(name, `${problem}${note}`));
}

function sentence(name: string, problem: string): string {
  if (name === '') return `The configuration ${problem}.`;
  return problem.startsWith('is ')
    ? `Setting ${name} ${problem}.`
    : `Setting ${name} is not valid: ${problem}.`;
}

function valueAt(tree: Tree, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => (value as Tree | undefined)?.[String(key)], tree);
}

const LONGEST_NOTE = 60;

/** Quotes the value, unless the problem does, or the value may have a password, as in `http://a:b@host`. */
function givenNote(problem: string, value: unknown): string {
  if (typeof value !== 'string' && typeof value !== 'number') return '';
  if (/must be (?:a list|an object)/.test(problem) && /^[[{]/.test(String(value)))
    return '; the text is not valid JSON';
  const quoted = JSON.stringify(value);
  const wanted = problem.startsWith('must be') && !problem.includes(', not ');
  return wanted && quoted.length <= LONGEST_NOTE && !quoted.includes('@') ? `, not ${quoted}` : '';
}

function suggestion(path: readonly PropertyKey[], key: string): string {
  const near = keysAt(path).find(
    (name) => editDistance(comparable(key), comparable(name)) <= Math.min(2, name.length / 2),
  );
  return near
    ? `: did you mean ${[...path, near].join('.')}?`
    : ': see docs/configuration.md for all settings.';
}

/** The keys that the schema has at this place in the configuration. */
function keysAt(path: readonly PropertyKey[]): string[] {
  let schema = unwrap(configSchema);
  for (const key of path) schema = unwrap(schemaBelow(schema, key));
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

function schemaBelow(schema: z.ZodType, key: PropertyKey): z.ZodType {
  if (schema instanceof z.ZodArray) return schema.element as z.ZodType;
  return schema instanceof z.ZodObject ? schema.shape[String(key)] : schema;
}

/** Levenshtein distance, one row at a time. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const substitution = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitution, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

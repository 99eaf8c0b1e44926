// The configuration file: its choice, its content, and its digest. Refuses files in other languages: a person
// who writes YAML must not get the defaults.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { extname, join, resolve } from 'node:path';
import { GatehouseError } from '@gatehouse/access';
import { readingProblem } from '../platform/problems/file-problem.ts';
import { decodeText } from '../platform/text.ts';
import { parseJson } from './json-file.ts';
import { importConfiguration, moduleProblem } from './module-file.ts';
import type { Tree } from './tree.ts';

export interface ConfigurationFile {
  /** Absolute. */
  path: string;
  /** `sha256:` and hex, of the octets of the file. */
  digest: string;
  tree: Tree;
}

/** `--config none`: no file, even if there is one in the working folder. */
const NO_FILE = 'none';

const JSON_ENDINGS = ['.json', '.jsonc'];
const MODULE_ENDINGS = ['.ts', '.mts', '.js', '.mjs'];
const SUPPORTED = 'TypeScript or JavaScript (.ts, .mts, .js, .mjs), or JSON with comments (.json, .jsonc)';
const NAME = 'gatehouse.config';
const FOUND_ENDINGS = [...MODULE_ENDINGS, ...JSON_ENDINGS, '.yaml', '.yml', '.toml'];

/**
 * The absolute path of the configuration file: the given one, otherwise the one in `folder`. Undefined if
 * there is none. Throws `config_unreadable` if the folder has several.
 * @example
 * const path = findConfigurationFile(undefined) ?? 'none';
 */
export function findConfigurationFile(given: string | undefined, folder = process.cwd()): string | undefined {
  if (given === NO_FILE) return undefined;
  if (given !== undefined) return resolve(given);
  const found = FOUND_ENDINGS.map((ending) => NAME + ending).filter((name) => existsSync(join(folder, name)));
  const [first, second] = found;
  if (first === undefined) return undefined;
  if (second === undefined) return join(folder, first);
  throw new GatehouseError(
    'config_unreadable',
    `${folder} has both ${first} and ${second}: remove one of them, or name the right one with --config.`,
  );
}

/** Throws `config_unreadable`, with the file, and with the line if it is known. */
export async function readConfigurationFile(path: string): Promise<ConfigurationFile> {
  refuseOtherLanguages(path);
  const octets = readOctets(path);
  // Node does not check a module's encoding.
  const text = decodeText(octets, path, 'config_unreadable');
  const content = await contentOf(path, text).catch((error: unknown) => {
    const reason = isJson(path) ? (error as Error).message : moduleProblem(error, path);
    throw new GatehouseError('config_unreadable', `${path} cannot be read: ${reason.replace(/\.$/, '')}.`, {
      cause: error,
    });
  });
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    const form = isJson(path) ? 'be one object, { … }' : 'export a configuration object by default';
    throw new GatehouseError('config_unreadable', `${path} must ${form}.`);
  }
  const digest = `sha256:${createHash('sha256').update(octets).digest('hex')}`;
  return { path, digest, tree: content as Tree };
}

async function contentOf(path: string, text: string): Promise<unknown> {
  return isJson(path) ? parseJson(text) : importConfiguration(path);
}

function isJson(path: string): boolean {
  return JSON_ENDINGS.includes(extname(path).toLowerCase());
}

function readOctets(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    const reason = readingProblem(error) ?? (error as Error).message;
    const isMissing = ['ENOENT', 'ENOTDIR'].includes(String((error as NodeJS.ErrnoException).code));
    const remedy = isMissing ? ': correct the name, or restore the file' : '';
    throw new GatehouseError('config_unreadable', `${path} cannot be read: ${reason}${remedy}.`, {
      cause: error,
    });
  }
}

const LANGUAGES: Readonly<Record<string, string>> = { '.yaml': 'YAML', '.yml': 'YAML', '.toml': 'TOML' };

function refuseOtherLanguages(path: string): void {
  const ending = extname(path).toLowerCase();
  if ([...JSON_ENDINGS, ...MODULE_ENDINGS].includes(ending)) return;
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory())
    throw new GatehouseError(
      'config_unreadable',
      `${path} cannot be read: it is a folder. Name the file in it.`,
    );
  const language = LANGUAGES[ending];
  const what = language ? `it is ${language}` : `its name ends with ${ending === '' ? 'no ending' : ending}`;
  throw new GatehouseError(
    'config_unreadable',
    `${path} cannot be read: ${what}. A configuration file is ${SUPPORTED}: convert or rename it.`,
  );
}

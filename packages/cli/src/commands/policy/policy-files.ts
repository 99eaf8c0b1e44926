// Policy files on the command line. A folder means its `.cedar` files and its `.links.json` files (links of
// templates), also in subfolders.
import { readdir, stat } from 'node:fs/promises';
import { basename, join, relative, sep } from 'node:path';
import { CliError, cannotRead, exitStatus, usageError } from '../../exit-status.ts';
import { decodeText } from '../../input/decode-text.ts';
import { readInput } from '../../input/input-file.ts';

export interface PolicyFileAt {
  /** Its name in messages and policy ids. */
  name: string;
  path: string;
  text: string;
}

const POLICY_FILE = /\.(?:cedar|links\.json)$/;

/** Throws `CliError`, also for two files with the same name. */
export async function readPolicyFiles(paths: readonly string[]): Promise<PolicyFileAt[]> {
  const found = (await Promise.all(paths.map(filesAt))).flat();
  for (const { name, path } of found) {
    const other = found.find((each) => each.name === name && each.path !== path);
    if (other)
      throw usageError(`${path} and ${other.path} have the same name: put them in one folder, and name that`);
  }
  const files = [...new Map(found.map((file) => [file.path, file])).values()];
  return Promise.all(files.map(async (file) => ({ ...file, text: await readText(file.path) })));
}

async function filesAt(path: string): Promise<Omit<PolicyFileAt, 'text'>[]> {
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    (error) => {
      throw cannotRead(path, error);
    },
  );
  if (!isFolder) return [{ name: basename(path), path }];
  const names = (await readdir(path, { recursive: true })).filter((name) => POLICY_FILE.test(name)).sort();
  if (names.length === 0) throw new CliError(exitStatus.failed, `${path} has no file that ends in .cedar`);
  return names.map((name) => ({
    name: relative('.', name).replaceAll(sep, '/'),
    path: join(path, name),
  }));
}

async function readText(path: string): Promise<string> {
  return decodeText(await readInput(path), path);
}

/** In the form of the admin API. */
export function sent(files: readonly PolicyFileAt[]): { name: string; text: string }[] {
  return files.map(({ name, text }) => ({ name, text }));
}

/** The files of an option that may be absent. */
export async function optionalFiles(paths: readonly string[] | undefined) {
  return paths === undefined ? {} : { files: sent(await readPolicyFiles(paths)) };
}

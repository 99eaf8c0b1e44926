// Finds programs of the system and asks them for their version.
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

// Where Debian puts servers; not in every user's PATH.
const MORE_FOLDERS = ['/usr/sbin', '/usr/local/sbin'];

/** The path of a program, or undefined when it is not installed. */
function findProgram(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...MORE_FOLDERS];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

/** As `findProgram`; throws, saying how to install it, when it is missing. */
export function requireProgram(name: string): string {
  const path = findProgram(name);
  if (path === undefined) throw new Error(`this benchmark needs ${name}: apt-get install ${name}`);
  return path;
}

/** The first thing like a version number that `name ...args` prints; undefined when it is not installed. */
export function programVersion(name: string, args: readonly string[]): string | undefined {
  const path = findProgram(name);
  if (path === undefined) return undefined;
  const { stdout, stderr } = spawnSync(path, args, { encoding: 'utf8' });
  return /\d+(?:\.\d+)+/.exec(stdout + stderr)?.[0] ?? 'unknown';
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

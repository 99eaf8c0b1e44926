// Finds programs of the system and their versions.
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

// Debian's folders for servers, which are not in every user's PATH.
const MORE_FOLDERS = ['/usr/sbin', '/usr/local/sbin'];

/** The path of a program; undefined if it is not installed. */
function findProgram(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...MORE_FOLDERS];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

/** Like `findProgram`. If the program is missing, throws an error that says how to install it. */
export function requireProgram(name: string): string {
  const path = findProgram(name);
  if (path === undefined) throw new Error(`this benchmark needs ${name}: apt-get install ${name}`);
  return path;
}

/** The first version number in the output of `name ...args`; undefined if it is not installed. */
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

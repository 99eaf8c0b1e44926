// A JSON file that only its owner can read. It is replaced whole, by one command at a time.
import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { cannotRead, cannotWrite } from '../exit-status.ts';

/**
 * The content of the file; undefined if there is none, or if this user has no access. Throws `CliError`, and
 * `SyntaxError` for a damaged file.
 */
export async function readOwnFile(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) throw error;
    if (['ENOENT', 'ENOTDIR', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? ''))
      return undefined;
    throw cannotRead(path, error);
  }
}

/** The file has the old or the new content at any time. Throws `CliError`. */
export async function replaceOwnFile(path: string, value: unknown): Promise<void> {
  const unfinished = `${path}.${randomUUID()}`;
  await makeFolder(path);
  try {
    await using file = await open(unfinished, 'wx', 0o600);
    await file.writeFile(`${JSON.stringify(value)}\n`);
    await file.sync();
  } catch (error) {
    await rm(unfinished, { force: true });
    throw cannotWrite(path, error);
  }
  await rename(unfinished, path);
}

/** Runs `act` while no other command changes the same file. Throws `CliError`. */
export async function exclusively<Value>(path: string, act: () => Promise<Value>): Promise<Value> {
  const { whileLocked } = await import('@gatehouse/client/oauth');
  const lock = `${path}.lock`;
  await makeFolder(path);
  return whileLocked(lock, act).catch((error) => {
    throw error.path === lock ? cannotWrite(lock, error) : error;
  });
}

async function makeFolder(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 }).catch((error) => {
    throw cannotWrite(path, error);
  });
}

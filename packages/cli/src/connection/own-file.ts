// A file in JSON that only its owner can read. It is replaced as a whole, and changed by one command at a
// time.
import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cannotRead, cannotWrite } from '../exit-status.ts';

/**
 * What is in the file; undefined if there is none, or if this user may not look for it. Throws `CliError`,
 * and `SyntaxError` for a damaged file.
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

const LOCK_POLL_MS = 50;
/** A command that was killed leaves its lock. */
const STALE_MS = 60_000;

/** Runs `act` while no other command does so for the same file. Throws `CliError`. */
export async function exclusively<Value>(path: string, act: () => Promise<Value>): Promise<Value> {
  const lock = `${path}.lock`;
  await makeFolder(path);
  while (!(await takeLock(lock))) await sleep(LOCK_POLL_MS);
  try {
    return await act();
  } finally {
    await rm(lock, { force: true });
  }
}

async function makeFolder(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 }).catch((error) => {
    throw cannotWrite(path, error);
  });
}

async function takeLock(path: string): Promise<boolean> {
  try {
    await (await open(path, 'wx', 0o600)).close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw cannotWrite(path, error);
    const age = await stat(path).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    );
    if (age > STALE_MS) await rm(path, { force: true });
    return false;
  }
}

// A lock that programs share: a file that one of them has made. A program that stopped leaves its lock
// behind, so one that is old is taken away.
import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

const PAUSE_MS = 20;
/** A refresh of a token takes far less. */
const STALE_MS = 60_000;

/**
 * Runs `work` while no other program that takes the same lock does. A lock that is older than `staleMs` is of
 * a program that stopped.
 * @example
 * const tokens = await whileLocked('tokens.json.lock', () => refresh());
 */
export async function whileLocked<T>(
  lock: string,
  work: () => Promise<T>,
  staleMs: number = STALE_MS,
): Promise<T> {
  const own = randomUUID();
  await take(lock, own, staleMs);
  try {
    return await work();
  } finally {
    if ((await ownerOf(lock)) === own) await rm(lock, { force: true });
  }
}

async function take(lock: string, own: string, staleMs: number): Promise<void> {
  while (!(await create(lock, own))) {
    const owner = await ownerOf(lock);
    const { mtimeMs } = await stat(lock).catch(() => ({ mtimeMs: Date.now() }));
    // After the clock was set back, the time of an abandoned lock is ahead.
    if (Math.abs(Date.now() - mtimeMs) > staleMs) await takeAway(lock, owner);
    else await sleep(PAUSE_MS);
  }
}

async function create(lock: string, own: string): Promise<boolean> {
  try {
    await writeFile(lock, own, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Undefined if there is no lock. */
function ownerOf(lock: string): Promise<string | undefined> {
  return readFile(lock, 'utf8').catch(() => undefined);
}

/** Another program may have done so meanwhile, and have the lock now. Then it gets it back. */
async function takeAway(lock: string, abandoned: string | undefined): Promise<void> {
  const aside = `${lock}.${randomUUID()}`;
  const isMoved = await rename(lock, aside).then(
    () => true,
    () => false,
  );
  if (!isMoved) return;
  if ((await ownerOf(aside)) !== abandoned) await link(aside, lock).catch(() => {});
  await rm(aside, { force: true });
}

// A lock that programs share: a file that one of them creates. A program that was killed leaves its lock
// behind, so an old lock is removed.
import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

const PAUSE_MS = 20;
/** A refresh of a token takes far less time than this. */
const STALE_MS = 60_000;

/**
 * Runs `work` while it holds the lock. A lock that is older than `staleMs` belongs to a program that was
 * killed.
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

// A lock that programs share: a file that one of them creates.
import { open, rm, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

const PAUSE_MS = 50;
/** A program that was killed leaves its lock behind. A refresh takes far less time than this. */
const STALE_MS = 60_000;

/**
 * Runs `work` while it holds the lock.
 * @example
 * const tokens = await whileLocked('tokens.json.lock', () => refresh());
 */
export async function whileLocked<T>(lock: string, work: () => Promise<T>): Promise<T> {
  await take(lock);
  try {
    return await work();
  } finally {
    await rm(lock, { force: true });
  }
}

async function take(lock: string): Promise<void> {
  for (;;) {
    const handle = await open(lock, 'wx', 0o600).catch((error) => {
      if (error.code === 'EEXIST') return undefined;
      throw error;
    });
    if (handle !== undefined) return handle.close();
    const { mtimeMs } = await stat(lock).catch(() => ({ mtimeMs: Date.now() }));
    if (Date.now() - mtimeMs > STALE_MS) await rm(lock, { force: true });
    else await sleep(PAUSE_MS);
  }
}

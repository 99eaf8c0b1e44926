// Waits for what a program does in its own time.
import { setTimeout as delay } from 'node:timers/promises';

const PAUSE_MS = 50;
const LIMIT_MS = 20_000;

/** Asks until `check` gives true. Rejects with what it throws, when the signal is aborted, and after twenty seconds. */
export async function poll(
  check: () => boolean | Promise<boolean>,
  { what, signal }: { what: string; signal: AbortSignal },
): Promise<void> {
  const giveUpAt = performance.now() + LIMIT_MS;
  while (!(await check())) {
    if (performance.now() > giveUpAt) throw new Error(`${what} took more than ${LIMIT_MS / 1000} seconds`);
    await delay(PAUSE_MS, undefined, { signal });
  }
}

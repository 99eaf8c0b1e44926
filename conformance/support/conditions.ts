// Waits for a condition, and not for a fixed time.
import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 10;
/** After a second, the probe runs less often, because many probes are a connection or a process. */
const LONGEST_POLL_MS = 200;
const SHARE_OF_WAIT = 1 / 5;

/** Resolves with the first truthy value of `probe`. Throws an error with `what` after `timeoutMs`. */
export async function eventually<T>(
  what: string,
  probe: () => T | Promise<T>,
  timeoutMs = 10_000,
): Promise<NonNullable<T>> {
  const began = performance.now();
  for (;;) {
    const value = await probe();
    if (value) return value;
    const waited = performance.now() - began;
    if (waited > timeoutMs) throw new Error(`waited ${timeoutMs} ms in vain for ${what}`);
    await delay(Math.min(Math.max(POLL_MS, waited * SHARE_OF_WAIT), LONGEST_POLL_MS));
  }
}

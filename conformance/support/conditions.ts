// Waiting for a condition instead of for a time.
import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 10;

/** Resolves with the first value of `probe` that is truthy. Throws, naming `what`, after `timeoutMs`. */
export async function eventually<T>(
  what: string,
  probe: () => T | Promise<T>,
  timeoutMs = 10_000,
): Promise<NonNullable<T>> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const value = await probe();
    if (value) return value;
    if (performance.now() > deadline) throw new Error(`waited ${timeoutMs} ms in vain for ${what}`);
    await delay(POLL_MS);
  }
}

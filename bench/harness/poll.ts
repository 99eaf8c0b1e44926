// Waits until a program has done something.
import { setTimeout as delay } from 'node:timers/promises';

const PAUSE_MS = 50;
const LIMIT_MS = 20_000;

export interface PollOptions {
  /** The awaited event, for the message if it does not happen. */
  what: string;
  signal: AbortSignal;
  /** Default: 50. */
  pauseMs?: number;
  /** Default: twenty seconds. */
  limitMs?: number;
}

/**
 * Calls `check` until it returns true. Rejects with its error, when the signal is aborted, and when the time
 * is over.
 */
export async function poll(
  check: () => boolean | Promise<boolean>,
  { what, signal, pauseMs = PAUSE_MS, limitMs = LIMIT_MS }: PollOptions,
): Promise<void> {
  const giveUpAt = performance.now() + limitMs;
  while (!(await check())) {
    if (performance.now() > giveUpAt) throw new Error(`${what} took more than ${limitMs / 1000} seconds`);
    await delay(pauseMs, undefined, { signal });
  }
}

// Requests that are due at fixed times, also if earlier ones were not answered: a stall delays all requests
// that were due in it, like those of independent clients. The latency of each counts from its due time.
import { setTimeout as delay } from 'node:timers/promises';

export interface PacedRequests {
  intervalMs: number;
  /** Rejects if the request fails. Requests run one after another. */
  send(): Promise<void>;
  /** Checked before each request. */
  isOver(): boolean;
}

/** Resolves with the latencies in milliseconds, ascending. */
export async function paceRequests({ intervalMs, send, isOver }: PacedRequests): Promise<number[]> {
  const latenciesMs: number[] = [];
  for (let due = performance.now(); !isOver(); due += intervalMs) {
    const early = due - performance.now();
    if (early > 0) await delay(early);
    // A timer may fire up to a millisecond early.
    const begun = Math.min(due, performance.now());
    await send();
    latenciesMs.push(performance.now() - begun);
  }
  return latenciesMs.toSorted((a, b) => a - b);
}

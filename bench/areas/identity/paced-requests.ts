// Requests that are due at fixed times, whether or not the ones before were answered: a stall delays all that
// were due in it, as it delays independent clients. The latency of each counts from when it was due.
import { setTimeout as delay } from 'node:timers/promises';

export interface PacedRequests {
  intervalMs: number;
  /** Rejects if the request fails. One after another. */
  send(): Promise<void>;
  /** Looked at before each request. */
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

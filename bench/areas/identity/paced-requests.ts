// Requests of independent clients: each is sent when it is due, whether or not the ones before were answered, and its latency counts
// from then. A stall delays all that were due in it.
import { setTimeout as delay } from 'node:timers/promises';

export interface PacedRequests {
  intervalMs: number;
  /** Rejects if the request fails. */
  send(): Promise<void>;
  /** Looked at before each request. */
  isOver(): boolean;
}

/** Resolves with the latencies in milliseconds, ascending. */
export async function paceRequests({ intervalMs, send, isOver }: PacedRequests): Promise<number[]> {
  const latenciesMs: number[] = [];
  const sent: Promise<void>[] = [];
  for (let due = performance.now(); !isOver(); due += intervalMs) {
    const own = due;
    await delay(Math.max(0, own - performance.now()));
    const answered = send().then(() => void latenciesMs.push(performance.now() - own));
    answered.catch(() => {}); // Thrown below, when all have ended.
    sent.push(answered);
  }
  for (const each of await Promise.allSettled(sent)) if (each.status === 'rejected') throw each.reason;
  return latenciesMs.toSorted((a, b) => a - b);
}

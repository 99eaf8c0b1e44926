// Acts that wait for a commit (group commit). A commit of several costs one fsync, so it waits a turn of the event loop, everyone else's
// too, and one more for as long as each brings acts; then a moment for as many as it last had, whose callers are likely to come again.
import type { Connection } from './sqlite-connection.ts';

/** An act as the commit sees it: run in the transaction, then told how that went. */
export interface PendingAct {
  run(tx: Connection): Promise<void>;
  settle(): void;
  fail(error: unknown): void;
}

export interface PendingActs {
  isEmpty(): boolean;
  add(act: PendingAct): void;
  /** Takes them, all that there are in the end. */
  gather(): Promise<PendingAct[]>;
}

const FULL_BATCH = 64;
const WAIT_MS = 1;

export function createPendingActs(): PendingActs {
  let waiting: PendingAct[] = [];
  let lastBatch = 0;
  let enough: (() => void) | undefined;

  async function untilNoneComes(): Promise<void> {
    for (let gathered = 0; gathered < waiting.length && gathered < FULL_BATCH; ) {
      gathered = waiting.length;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  function lastBatchAgain(): Promise<void> {
    return new Promise((resolve) => {
      const late = setTimeout(resolve, WAIT_MS);
      enough = () => {
        clearTimeout(late);
        resolve();
      };
    });
  }

  return {
    isEmpty: () => waiting.length === 0,
    add(act: PendingAct): void {
      waiting.push(act);
      if (waiting.length >= lastBatch) enough?.();
    },
    async gather(): Promise<PendingAct[]> {
      await untilNoneComes();
      if (waiting.length < lastBatch) await lastBatchAgain();
      enough = undefined;
      const batch = waiting;
      waiting = [];
      lastBatch = Math.min(batch.length, FULL_BATCH);
      return batch;
    },
  };
}

/** An act and the promise of whoever asked for it. */
export function pendingAct<T>(
  act: (tx: Connection) => Promise<T>,
  resolve: (value: T) => void,
  reject: (error: unknown) => void,
): PendingAct {
  let result: T;
  return {
    async run(tx) {
      result = await act(tx);
    },
    settle: () => resolve(result),
    fail: reject,
  };
}

// Acts that wait for a commit (group commit). A commit of several acts costs one fsync. So the commit waits
// one turn of the event loop, and another one as long as each turn brings more acts. Then it waits a moment
// for as many acts as the last commit had.
import type { Tx } from './transaction.ts';

/** An act of a commit: it runs in the transaction, and is answered after it. */
export interface PendingAct {
  run(tx: Tx): Promise<void>;
  settle(): void;
  fail(error: unknown): void;
}

export interface PendingActs {
  isEmpty(): boolean;
  add(act: PendingAct): void;
  /** Waits for acts that come together, and returns them. */
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

/** An act and the promise that its caller waits for. */
export function pendingAct<T>(
  act: (tx: Tx) => Promise<T>,
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

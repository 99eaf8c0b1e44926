// Whether this server should get requests: while the gateway serves and does not drain, and while the store
// can write. After a failure of the store, a question about readiness tries it again, because without
// requests nothing else does.
import type { WorkerState } from '../gateway/index.ts';

export type State = 'ready' | 'starting' | 'draining' | 'store_unwritable';

export interface Readiness {
  state(): Promise<State>;
}

export interface ReadinessDeps {
  isDraining(): boolean;
  workers(): readonly Pick<WorkerState, 'state'>[];
  /** Whether the last attempt of the store to write failed. */
  isStoreFailing(): boolean;
  /** Tries to write. */
  canStoreWrite(): Promise<boolean>;
  /** Milliseconds. */
  now(): number;
}

/** Anyone may ask, so a full disk is not tried more often than this. */
const TRIAL_INTERVAL_MS = 1000;

export function createReadiness(deps: ReadinessDeps): Readiness {
  const { isDraining, workers, isStoreFailing, canStoreWrite, now } = deps;
  let triedAt = Number.NEGATIVE_INFINITY;
  let trial: Promise<boolean> = Promise.resolve(false);

  function canWriteAgain(): Promise<boolean> {
    if (now() - triedAt < TRIAL_INTERVAL_MS) return trial;
    triedAt = now();
    trial = canStoreWrite();
    return trial;
  }

  return {
    async state() {
      if (isDraining()) return 'draining';
      if (!workers().some(({ state }) => state === 'serving')) return 'starting';
      return isStoreFailing() && !(await canWriteAgain()) ? 'store_unwritable' : 'ready';
    },
  };
}

// Whether this server should get requests: from when the gateway serves until it drains, and while the store
// can write. A store that failed is tried again when someone asks, because without requests nothing else
// would.
import type { WorkerState } from '../gateway/index.ts';

export type State = 'ready' | 'starting' | 'draining' | 'store_unwritable';

export interface Readiness {
  state(): Promise<State>;
}

export interface ReadinessDeps {
  isDraining(): boolean;
  workers(): readonly Pick<WorkerState, 'state'>[];
  /** Whether the store could not write when it last tried. */
  isStoreFailing(): boolean;
  /** Tries to write. */
  canStoreWrite(): Promise<boolean>;
  /** Milliseconds. */
  now(): number;
}

/** Anyone may ask, so a full disk is not tried more often. */
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

// Whether this server should get requests: from when the gateway serves until it drains, and while the store can
// write. A store that failed is tried again when someone asks, because without requests nothing else would.
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
  /** Writes something; rejects if it cannot. */
  probeStore(): Promise<void>;
  /** Milliseconds. */
  now(): number;
}

/** Anyone may ask, so a full disk is not tried more often. */
const PROBE_INTERVAL_MS = 1000;

export function createReadiness(deps: ReadinessDeps): Readiness {
  const { isDraining, workers, isStoreFailing, probeStore, now } = deps;
  let probedAt = Number.NEGATIVE_INFINITY;
  let probing: Promise<void> | undefined;

  /** The probe changes what `isStoreFailing` says, whether it succeeds or not. */
  function probe(): Promise<void> {
    if (probing || now() - probedAt < PROBE_INTERVAL_MS) return probing ?? Promise.resolve();
    probedAt = now();
    probing = probeStore()
      .catch(() => {})
      .finally(() => {
        probing = undefined;
      });
    return probing;
  }

  return {
    async state() {
      if (isDraining()) return 'draining';
      if (!workers().some(({ state }) => state === 'serving')) return 'starting';
      if (isStoreFailing()) await probe();
      return isStoreFailing() ? 'store_unwritable' : 'ready';
    },
  };
}

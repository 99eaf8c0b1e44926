// Chooses the runtime of the next data plane process: Bun, if it was chosen, and Node after three crashes of
// Bun within a minute.
import type { Log } from '../../platform/log/log.ts';
import type { Runtime } from './runtime.ts';

export interface RuntimeChoice {
  current(): Runtime;
  /** Called when a process on this runtime has died. */
  died(runtime: Runtime): void;
}

const MAX_DEATHS = 3;
const WINDOW_MS = 60_000;

export function createRuntimeChoice(
  { log, now }: { log: Pick<Log, 'event'>; now: () => number },
  { first, fallback }: { first: Runtime; fallback: Runtime },
): RuntimeChoice {
  let current = first;
  let deaths: number[] = [];
  return {
    current: () => current,
    died({ name }) {
      if (name === fallback.name || current === fallback) return;
      const time = now();
      deaths = [...deaths.filter((death) => time - death < WINDOW_MS), time];
      if (deaths.length < MAX_DEATHS) return;
      log.event('gateway.runtime_replaced', { from: current.title, to: fallback.title });
      current = fallback;
    },
  };
}

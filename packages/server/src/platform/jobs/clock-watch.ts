// Notices when the machine's clock is set: its distance from the monotonic clock changes at once, because the
// monotonic clock is never set. After sleep, the machine looks as if the clock had been set forward, because
// the monotonic clock stops during sleep.
import type { Clock } from '@gatehouse/access';
import type { Log } from '../log/log.ts';
import type { Job } from './jobs.ts';

export interface ClockWatch {
  /** Compares the clocks every second. */
  job: Job;
  /** Calls `act` after every step, with its size: negative when the clock was set back. */
  onStep(act: (stepMs: number) => void): void;
}

export interface ClockWatchDeps {
  clock: Clock;
  /** Milliseconds of a clock that is never set, such as `performance.now()`. */
  monotonicMs(): number;
  log: Pick<Log, 'event'>;
}

const INTERVAL_SECONDS = 1;
// A smaller difference comes from a clock that is slowed down or sped up (adjtime), or from the time between
// the two readings.
const SMALLEST_STEP_MS = 1000;

/**
 * @example
 * const watch = createClockWatch({ clock, monotonicMs: () => performance.now(), log });
 * watch.onStep(() => jobs.runAll());
 * jobs.start(watch.job);
 */
export function createClockWatch({ clock, monotonicMs, log }: ClockWatchDeps): ClockWatch {
  const subscribers: ((stepMs: number) => void)[] = [];
  const distance = () => clock.now() - monotonicMs();
  let known = distance();

  return {
    job: {
      name: 'watch the clock',
      intervalSeconds: INTERVAL_SECONDS,
      async run() {
        const stepMs = distance() - known;
        known += stepMs;
        if (Math.abs(stepMs) < SMALLEST_STEP_MS) return;
        log.event('clock.stepped', {
          stepSeconds: Math.round(stepMs / 1000),
          clock: new Date(clock.now()).toISOString(),
          message: describeStep(stepMs),
        });
        for (const act of subscribers) act(stepMs);
      },
    },
    onStep: (act) => void subscribers.push(act),
  };
}

function describeStep(stepMs: number): string {
  const seconds = Math.round(Math.abs(stepMs) / 1000);
  if (stepMs < 0) return `the clock was set back by ${seconds} s`;
  return `the clock was set forward by ${seconds} s, or the machine slept`;
}

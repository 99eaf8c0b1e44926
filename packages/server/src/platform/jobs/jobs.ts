// Work that repeats while the server runs (renewals, pruning). A job that fails is logged and runs again on
// its next turn.
import type { Log } from '../log/log.ts';

export interface Job {
  name: string;
  intervalSeconds: number;
  run(): Promise<void>;
}

export interface Jobs {
  start(job: Job): void;
  /**
   * Runs every job now, or right after its current run: after a step of the clock, its work may be overdue.
   */
  runAll(): void;
  /** Starts no further runs. Resolves when the current ones are done. */
  stop(): Promise<void>;
}

interface Started {
  job: Job;
  timer: NodeJS.Timeout;
  /** The current run. */
  running?: Promise<void> | undefined;
  /** Whether another run follows at once. */
  again: boolean;
}

export function createJobs(log: Log): Jobs {
  const started: Started[] = [];
  let stopped = false;

  async function run(its: Started): Promise<void> {
    do {
      its.again = false;
      try {
        await its.job.run();
      } catch (error) {
        log.event('job.failed', { error, job: its.job.name });
      }
    } while (its.again && !stopped);
    its.running = undefined;
  }

  function turn(its: Started): void {
    if (!its.running && !stopped) its.running = run(its);
  }

  return {
    start(job) {
      const timer = setInterval(() => turn(its), job.intervalSeconds * 1000);
      const its: Started = { job, timer, again: false };
      timer.unref();
      started.push(its);
    },
    runAll() {
      for (const its of started) {
        its.again = its.running !== undefined;
        turn(its);
      }
    },
    async stop() {
      stopped = true;
      for (const { timer } of started) clearInterval(timer);
      await Promise.all(started.map(({ running }) => running));
    },
  };
}

// Work that recurs while the server runs (renewals, pruning). A job that fails is logged and tried again on its next turn.
import type { Log } from './log.ts';

export interface Job {
  name: string;
  intervalSeconds: number;
  run(): Promise<void>;
}

export interface Jobs {
  start(job: Job): void;
  /** No further turns; resolves when the ones under way are done. */
  stop(): Promise<void>;
}

export function createJobs(log: Log): Jobs {
  const timers: NodeJS.Timeout[] = [];
  const running = new Set<Promise<void>>();

  async function turn(job: Job): Promise<void> {
    try {
      await job.run();
    } catch (error) {
      log.error({ err: error, job: job.name }, 'job failed');
    }
  }

  return {
    start(job) {
      let busy = false;
      const timer = setInterval(() => {
        if (busy) return;
        busy = true;
        const done = turn(job).finally(() => {
          busy = false;
          running.delete(done);
        });
        running.add(done);
      }, job.intervalSeconds * 1000);
      timer.unref();
      timers.push(timer);
    },
    async stop() {
      for (const timer of timers) clearInterval(timer);
      await Promise.all(running);
    },
  };
}

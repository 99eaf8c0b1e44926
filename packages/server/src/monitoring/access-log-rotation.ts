// Limits the disk space of the access log. A log file that is too large is renamed, the workers open a new
// one, and one old file stays.
import { renameSync, statSync } from 'node:fs';
import type { Job } from '../platform/jobs/jobs.ts';

const CHECK_INTERVAL_SECONDS = 10;

export function accessLogRotation(path: string, maxBytes: () => number, reopen: () => void): Job {
  return {
    name: 'rotate the access log',
    intervalSeconds: CHECK_INTERVAL_SECONDS,
    async run() {
      const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
      if (size <= maxBytes()) return;
      renameSync(path, `${path}.1`);
      reopen();
    },
  };
}

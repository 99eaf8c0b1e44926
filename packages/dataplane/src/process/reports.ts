// Reports the counts and the state of the process to the server, about once a second.
import type { Counts } from '../counts/counts.ts';
import type { Link } from '../link/link.ts';
import type { FromDataPlane } from '../link/messages.ts';

export interface Reports {
  /** Sends the last counts at the end of the process. */
  last(): void;
}

const INTERVAL_MS = 1000;

/** `connections` gives how many connections of clients are open. */
export function createReports(
  link: Pick<Link<FromDataPlane>, 'send' | 'isBacklogged'>,
  counts: Pick<Counts, 'take'>,
  connections: () => number,
): Reports {
  let cpu = process.cpuUsage();
  let memory = 0;

  /** To learn it takes a descriptor. Without a free one, it is as it was. */
  function residentBytes(): number {
    try {
      memory = process.memoryUsage.rss();
    } catch {
      // The last one is good enough.
    }
    return memory;
  }

  function report(): void {
    const before = cpu;
    cpu = process.cpuUsage();
    const cpuMicroseconds = cpu.user + cpu.system - before.user - before.system;
    link.send({
      type: 'counted',
      ...counts.take(),
      connections: connections(),
      residentBytes: residentBytes(),
      cpuSeconds: cpuMicroseconds / 1e6,
    });
  }

  setInterval(() => {
    // Nothing is lost: the next report has these counts, too.
    if (!link.isBacklogged) report();
  }, INTERVAL_MS).unref();
  return { last: report };
}

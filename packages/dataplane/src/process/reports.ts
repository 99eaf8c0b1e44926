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

  function report(): void {
    const before = cpu;
    cpu = process.cpuUsage();
    const cpuMicroseconds = cpu.user + cpu.system - before.user - before.system;
    link.send({
      type: 'counted',
      ...counts.take(),
      connections: connections(),
      residentBytes: process.memoryUsage.rss(),
      cpuSeconds: cpuMicroseconds / 1e6,
    });
  }

  setInterval(() => {
    // Nothing is lost: the next report has these counts, too.
    if (!link.isBacklogged) report();
  }, INTERVAL_MS).unref();
  return { last: report };
}

// Reports the counts and the state of the process to the server, about once a second.
import type { Counts } from '../counts/counts.ts';
import type { Link } from '../link/link.ts';
import type { FromDataPlane } from '../link/messages.ts';

export interface Reports {
  /** Sends the last counts at the end of the process. */
  last(): void;
}

const INTERVAL_MS = 1000;

/** `connections` returns the number of open connections of clients. */
export function createReports(
  link: Pick<Link<FromDataPlane>, 'send' | 'isBacklogged'>,
  counts: Pick<Counts, 'take'>,
  connections: () => number,
): Reports {
  let cpu = process.cpuUsage();
  let memory = 0;

  /** Reading it needs a descriptor. If none is free, the last value is reported. */
  function residentBytes(): number {
    try {
      memory = process.memoryUsage.rss();
    } catch {
      // The last value is good enough.
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
    // Nothing is lost, because the next report includes these counts.
    if (!link.isBacklogged) report();
  }, INTERVAL_MS).unref();
  return { last: report };
}

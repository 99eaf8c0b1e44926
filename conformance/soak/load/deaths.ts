// Data plane processes that are killed one after the other under load.

import { eventually } from '../../support/conditions.ts';
import { dataPlanesOf, replaced } from '../../support/data-planes.ts';
import type { SteadyLoad } from './steady-load.ts';

export interface DeathsOutcome {
  /** Failed requests by the death that caused them. */
  failures: number[];
}

/** Requests served between two deaths. */
const SERVED_BETWEEN = 50;

/** Kills `count` processes of the server, each after the previous one has been replaced. */
export async function killDataPlanes(
  server: { pid: number; port: number },
  load: SteadyLoad,
  count: number,
): Promise<DeathsOutcome> {
  const failures: number[] = [];
  const workers = dataPlanesOf(server.pid).length;
  for (let killed = 0; killed < count; killed += 1) {
    const failedBefore = load.report.failures.length;
    const victim = dataPlanesOf(server.pid)[killed % workers] ?? 0;
    process.kill(victim, 'SIGKILL');
    await replaced(server, [victim], workers);
    const served = load.report.served;
    await eventually(
      'more requests to be served',
      () => load.report.served > served + SERVED_BETWEEN,
      30_000,
    );
    failures.push(load.report.failures.length - failedBefore);
  }
  return { failures };
}

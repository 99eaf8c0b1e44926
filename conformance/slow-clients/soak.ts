// `npm run soak -- slow-clients`: thousands of slow clients, one kind after the other.
import { up } from '../support/gatehouse-command.ts';
import { SLOW_KINDS } from './kinds.ts';
import { runSlowClients } from './run.ts';
import { SLOW_SETTINGS, startLargeUpstream } from './settings.ts';

export interface SlowSoak {
  /** Clients of each kind. */
  count: number;
  set: readonly string[];
  say(line: string): void;
}

const CUT_WITHIN_MS = 60_000;
const LIMIT_P99_MS = 100;
const LIMIT_MEMORY_BYTES = 400 * 1024 * 1024;

/** Returns in words what was wrong. */
export async function soakSlowClients({ count, set, say }: SlowSoak): Promise<string[]> {
  const upstream = await startLargeUpstream();
  const server = await up({ upstream: upstream.origin, set: [...SLOW_SETTINGS, ...set] });
  const wrong: string[] = [];
  try {
    for (const kind of SLOW_KINDS) {
      const run = { victim: server, pid: server.pid, kinds: [kind], count, cutWithinMs: CUT_WITHIN_MS };
      const { faults, others, peakMemoryBytes, slowestCutMs } = await runSlowClients(run);
      const p99 = others.waits[Math.floor(others.waits.length * 0.99)] ?? Number.POSITIVE_INFINITY;
      const megabytes = Math.round(peakMemoryBytes / 1024 / 1024);
      say(
        `${kind.name}: ${count} clients, the last cut after ${Math.round(slowestCutMs)} ms; another client: ` +
          `${others.waits.length} requests, p99 ${Math.round(p99)} ms; memory ${megabytes} MB`,
      );
      for (const times of Object.values(faults))
        wrong.push(`${kind.name}: ${times} not cut off or not served`);
      if (others.failures.length > 0) wrong.push(`${kind.name}: another client: ${others.failures[0]}`);
      if (p99 > LIMIT_P99_MS) wrong.push(`${kind.name}: another client waited ${Math.round(p99)} ms`);
      if (peakMemoryBytes > LIMIT_MEMORY_BYTES) wrong.push(`${kind.name}: ${megabytes} MB`);
    }
    return wrong;
  } finally {
    await server.stop();
    await upstream.close();
  }
}

// A thread with one ordinary client, which measures how long its requests take while others are slow. It has a
// thread of its own so that it does not measure the thousands of clients beside it.
import { setTimeout as delay } from 'node:timers/promises';
import { parentPort, Worker, workerData } from 'node:worker_threads';
import { ask } from '../support/https-client.ts';
import type { Victim } from './kinds.ts';

export interface ProbeReport {
  /** Milliseconds of each request that was served, in ascending order. */
  waits: number[];
  /** What went wrong with the others. */
  failures: string[];
}

export interface Probe {
  stop(): Promise<ProbeReport>;
}

const PAUSE_MS = 10;

export function startProbe({ port, ca }: Victim): Probe {
  const worker = new Worker(new URL(import.meta.url), { workerData: { port, ca } });
  const report = new Promise<ProbeReport>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  return {
    async stop() {
      worker.postMessage('stop');
      const { waits, failures } = await report;
      return { waits: waits.sort((a, b) => a - b), failures };
    },
  };
}

if (parentPort && workerData) {
  const port = parentPort;
  let over = false;
  port.once('message', () => {
    over = true;
  });
  port.postMessage(await probe(workerData as Victim, () => over));
}

async function probe(victim: Victim, isOver: () => boolean): Promise<ProbeReport> {
  const waits: number[] = [];
  const failures: string[] = [];
  while (!isOver()) {
    const startedAt = performance.now();
    try {
      const { status } = await ask({ port: victim.port, ca: victim.ca, path: '/small' });
      if (status === 200) waits.push(performance.now() - startedAt);
      else failures.push(`answered ${status}`);
    } catch (error) {
      failures.push(error instanceof Error ? error.message : String(error));
    }
    await delay(PAUSE_MS);
  }
  return { waits, failures };
}

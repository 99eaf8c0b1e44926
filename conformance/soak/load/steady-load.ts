// Ordinary clients that ask all the time: half of them on one connection each, half on a new connection for
// each request. Each has one request under way.
import { Agent } from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';
import { ask } from '../../support/https-client.ts';

export interface LoadTarget {
  port: number;
  /** PEM of the root certificate. */
  ca: string;
  /** Sent with every request. */
  apiKey: string;
  /** Between the answer to a client and its next request; default: none. */
  pauseMs?: number;
}

export interface LoadReport {
  served: number;
  /** The failures, a line for each request. */
  failures: string[];
}

export interface SteadyLoad {
  /** So far. */
  readonly report: LoadReport;
  stop(): Promise<LoadReport>;
}

export function startLoad(target: LoadTarget, clients: number): SteadyLoad {
  const report: LoadReport = { served: 0, failures: [] };
  let over = false;
  const running = Array.from({ length: clients }, async (_, index) => {
    const agent = index % 2 === 0 ? new Agent({ keepAlive: true, maxSockets: 1 }) : undefined;
    while (!over) {
      await requestOnce(target, agent, report);
      if (target.pauseMs !== undefined) await delay(target.pauseMs);
    }
    agent?.destroy();
  });
  return {
    report,
    async stop() {
      over = true;
      await Promise.all(running);
      return report;
    },
  };
}

async function requestOnce(target: LoadTarget, agent: Agent | undefined, report: LoadReport): Promise<void> {
  const { port, ca, apiKey } = target;
  try {
    const { status } = await ask({
      port,
      ca,
      path: '/load',
      headers: { 'x-api-key': apiKey },
      ...(agent && { agent }),
    });
    if (status === 200) report.served += 1;
    else report.failures.push(`answered ${status}`);
  } catch (error) {
    report.failures.push(error instanceof Error ? error.message : String(error));
  }
}

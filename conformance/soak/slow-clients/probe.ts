// One ordinary client, in a separate process, which measures its requests while other clients are slow. Each
// request is on a new connection. In turn, it asks the upstream without the gateway, which measures the
// machine.
import { request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { ask } from '../../support/https-client.ts';
import { childInput, onParent, tellParent } from '../child.ts';

export interface ProbeInput {
  port: number;
  /** PEM of the root certificate. */
  ca: string;
  upstreamPort: number;
  /** Between two requests. */
  pauseMs: number;
}

/** Sent after the parent's second message; the first begins the measurement. */
export interface ProbeReport {
  /** Milliseconds of each request that was served, in ascending order. */
  waits: number[];
  /** The same without the gateway. */
  directWaits: number[];
  /** The failures of the other requests. */
  failures: string[];
}

const { port, ca, upstreamPort, pauseMs } = childInput<ProbeInput>();
const report: ProbeReport = { waits: [], directWaits: [], failures: [] };
let isOver = false;

async function measure(): Promise<void> {
  while (!isOver) {
    await timed(report.waits, async () => (await ask({ port, ca, path: '/small' })).status);
    await timed(report.directWaits, askUpstream);
    await delay(pauseMs);
  }
  for (const waits of [report.waits, report.directWaits]) waits.sort((a, b) => a - b);
  tellParent(report);
}

async function timed(waits: number[], act: () => Promise<number>): Promise<void> {
  const startedAt = performance.now();
  try {
    const status = await act();
    if (status === 200) waits.push(performance.now() - startedAt);
    else report.failures.push(`answered ${status}`);
  } catch (error) {
    report.failures.push(error instanceof Error ? error.message : String(error));
  }
}

function askUpstream(): Promise<number> {
  return new Promise((resolve, reject) => {
    const where = { host: '127.0.0.1', port: upstreamPort, path: '/small', agent: false };
    const call = request(where, (answer) => {
      answer.resume().on('end', () => resolve(answer.statusCode ?? 0));
    });
    call.on('error', reject).end();
  });
}

let isBegun = false;
onParent(() => {
  isOver = isBegun;
  if (isBegun) return;
  isBegun = true;
  void measure();
});

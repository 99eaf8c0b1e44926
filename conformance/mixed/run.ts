// A long run of mixed traffic on one server: everything that must be answered is, no process dies, and memory and
// descriptors stay flat.
import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { dataPlanesOf } from '../support/data-planes.ts';
import type { Up } from '../support/gatehouse-command.ts';
import { up } from '../support/gatehouse-command.ts';
import type { Sample } from './samples.ts';
import { describeSample, flatnessOf, sampleOf } from './samples.ts';
import { chooseTraffic, DOWNLOAD_BYTES } from './traffic.ts';

export interface MixedRun {
  /** Requests to be answered. */
  count: number;
  /** Settings besides the listeners and routes. */
  set: readonly string[];
  say(line: string): void;
}

export interface MixedOutcome {
  served: number;
  /** In words, what went wrong; empty if nothing did. */
  faults: string[];
}

const CLIENTS = 32;
const SAMPLE_MS = 1000;
const REPORT_EVERY = 15;
/** What was open last is closed a while after the run. */
const SETTLE_MS = 5000;

export async function runMixedRequests({ count, set, say }: MixedRun): Promise<MixedOutcome> {
  const upstream = await startUpstream();
  const origin = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
  const server = await up({
    upstream: origin,
    set: ['gateway.routes=[{"path":"/*","access":"public"}]', ...set],
  });
  try {
    return await drive(server, { count, set, say });
  } finally {
    await server.stop();
    upstream.closeAllConnections();
    upstream.close();
  }
}

async function drive(server: Up, { count, say }: MixedRun): Promise<MixedOutcome> {
  const begun = dataPlanesOf(server.pid);
  const wrong = new Map<string, number>();
  const samples: Sample[] = [];
  let served = 0;
  const clients = Array.from({ length: CLIENTS }, async () => {
    while (served < count) {
      const traffic = chooseTraffic();
      try {
        const answered = await traffic.run(server);
        served += answered;
      } catch (error) {
        const what = `${traffic.name}: ${error instanceof Error ? error.message : error}`;
        wrong.set(what, (wrong.get(what) ?? 0) + 1);
      }
    }
  });
  const rest = sampleOf(server.pid);
  while (served < count) {
    await delay(SAMPLE_MS);
    const sample = sampleOf(server.pid);
    samples.push(sample);
    if (samples.length % REPORT_EVERY === 0) say(`${served} of ${count}: ${describeSample(sample)}`);
  }
  await Promise.all(clients);
  await delay(SETTLE_MS);
  say(`at rest before: ${describeSample(rest)}; after: ${describeSample(sampleOf(server.pid))}`);
  const flatness = flatnessOf(samples);
  say(flatness.text);
  const died = begun.filter((pid) => !dataPlanesOf(server.pid).includes(pid));
  const faults = [...wrong].map(([what, times]) => `${what} (${times} times)`);
  if (!flatness.isFlat) faults.push(flatness.text);
  if (died.length > 0) faults.push(`${died.length} data plane processes died`);
  return { served, faults };
}

function startUpstream(): Promise<Server> {
  const download = Buffer.alloc(DOWNLOAD_BYTES, 'x');
  const server = createServer((request, response) => {
    request.on('error', () => {});
    if (request.url === '/download') response.end(download);
    else if (request.url === '/waiting') setTimeout(() => response.end('late'), 100);
    else request.resume().on('end', () => response.end('ok'));
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
}

// A long run of mixed traffic on one server: all requests get their answers, no process dies, and memory and
// descriptors do not grow. Clients and upstream have a process each.
import { setTimeout as delay } from 'node:timers/promises';
import { dataPlanesOf, runsOnBun } from '../../support/data-planes.ts';
import type { Up } from '../../support/gatehouse-command.ts';
import { up } from '../../support/gatehouse-command.ts';
import { type Child, startChild } from '../child.ts';
import type { GeneratorInput, Progress } from './generator.ts';
import { describeUsage, flatnessOf, type Sample, type Usage, usageOf } from './samples.ts';

export interface MixedRun {
  /** Requests to be made. */
  count: number;
  /** Settings other than the listeners and routes. */
  set: readonly string[];
  say(line: string): void;
}

export interface MixedOutcome {
  samples: readonly Sample[];
  end: Progress;
  seconds: number;
  /** The failures, in words. */
  faults: string[];
}

const CLIENTS = 64;
const SAY_SECONDS = 30;
/** The last open connections are closed a while after the run. */
const SETTLE_MS = 5000;

export async function runMixedRequests({ count, set, say }: MixedRun): Promise<MixedOutcome> {
  const upstream = startChild<number>(new URL('upstream.ts', import.meta.url), undefined);
  try {
    const server = await up({
      upstream: `http://127.0.0.1:${await upstream.next()}`,
      set: ['gateway.routes=[{"path":"/*","access":"public"}]', ...set],
    });
    try {
      return await drive(server, count, say);
    } finally {
      await server.stop();
    }
  } finally {
    await upstream.end();
  }
}

async function drive(server: Up, count: number, say: MixedRun['say']): Promise<MixedOutcome> {
  const begun = dataPlanesOf(server.pid);
  say(`${begun.length} data plane processes on ${begun.every(runsOnBun) ? 'Bun' : 'Node'}`);
  const usage = () => usageOf(server.wrapper.pid ?? server.pid);
  const rest = usage();
  const gateway = { port: server.port, ca: server.ca };
  const input: GeneratorInput = { gateway, count, clients: CLIENTS };
  const generator = startChild<Progress>(new URL('generator.ts', import.meta.url), input);
  try {
    const { samples, end, seconds } = await sampleUntilDone(generator, usage, say);
    say(`${end.total} requests in ${Math.round(seconds)} s, ${Math.round(end.total / seconds)} a second`);
    say(wordsOf(end.made));
    await delay(SETTLE_MS);
    say(`at rest before: ${describeUsage(rest)}; after: ${describeUsage(usage())}`);
    const flatness = flatnessOf(samples);
    for (const line of flatness.lines) say(line);
    const faults = Object.entries(end.wrong).map(([what, times]) => `${what} (${times} times)`);
    if (!flatness.isFlat) faults.push('memory or descriptors are not flat');
    const died = begun.filter((pid) => !dataPlanesOf(server.pid).includes(pid));
    if (died.length > 0) faults.push(`${died.length} data plane processes died`);
    return { samples, end, seconds, faults };
  } finally {
    await generator.end();
  }
}

/** Takes a sample with each message of the generator, until the last. */
async function sampleUntilDone(
  generator: Child<Progress>,
  usage: () => Usage,
  say: MixedRun['say'],
): Promise<Omit<MixedOutcome, 'faults'>> {
  const samples: Sample[] = [];
  const beganAt = performance.now();
  const seconds = () => (performance.now() - beganAt) / 1000;
  let sayAt = SAY_SECONDS;
  for (;;) {
    const progress = await generator.next();
    if (progress.isDone) return { samples, end: progress, seconds: seconds() };
    const sample = { ...usage(), requests: progress.total };
    samples.push(sample);
    if (seconds() < sayAt) continue;
    sayAt += SAY_SECONDS;
    const rate = Math.round(progress.total / seconds());
    say(`${Math.round(seconds())} s: ${progress.total} requests, ${rate} a second, ${describeUsage(sample)}`);
  }
}

function wordsOf(made: Progress['made']): string {
  return Object.entries(made)
    .map(([kind, times]) => `${kind} ${times}`)
    .join(', ');
}

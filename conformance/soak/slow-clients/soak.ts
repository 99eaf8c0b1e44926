// `npm run soak -- slow-clients`: thousands of slow clients, one kind after the other.
import { up } from '../../support/gatehouse-command.ts';
import { SLOW_KINDS, type SlowKind } from './kinds.ts';
import { runSlowClients, type SlowOutcome, startSlowUpstream } from './run.ts';
import { type Limits, slowSettings } from './settings.ts';

export interface SlowSoak {
  /** Clients of each kind. */
  count: number;
  /** The only kind; default: all. */
  kind?: string | undefined;
  set: readonly string[];
  say(line: string): void;
}

/** Long enough that the last clients have begun before the first are disconnected. */
const LIMITS: Limits = { handshake: 12, headers: 12, body: 12, idle: 12, stall: 30 };
/**
 * Clients that do not read become slow only when all buffers are full. When the first of them are
 * disconnected, the system has memory for the others again. They read a little more, and their time begins
 * again.
 */
const LATE_SECONDS = 35;
const LIMIT_P99_MS = 100;
const LIMIT_MEMORY_BYTES = 400 * 2 ** 20;

/** Returns the failures, in words. */
export async function soakSlowClients({ count, kind: only, set, say }: SlowSoak): Promise<string[]> {
  const kinds = SLOW_KINDS.filter(({ name }) => only === undefined || name === only);
  if (kinds.length === 0)
    throw new Error(`${only} is none of ${SLOW_KINDS.map(({ name }) => name).join(', ')}`);
  const upstream = await startSlowUpstream();
  const origin = `http://127.0.0.1:${upstream.port}`;
  try {
    const server = await up({ upstream: origin, set: [...slowSettings(LIMITS), ...set] });
    const victim = { port: server.port, ca: server.ca, upstreamPort: upstream.port };
    const times = { limits: LIMITS, lateSeconds: LATE_SECONDS };
    const wrong: string[] = [];
    try {
      for (const kind of kinds) {
        const pid = server.wrapper.pid ?? server.pid;
        const run = { ...victim, ...times, pid, kinds: [kind.name], count };
        const outcome = await runSlowClients(run);
        say(describe(kind, count, outcome));
        wrong.push(...faultsOf(kind, count, outcome).map((fault) => `${kind.name}: ${fault}`));
      }
      return wrong;
    } finally {
      await server.stop();
    }
  } finally {
    await upstream.end();
  }
}

function describe({ name, limit }: SlowKind, count: number, outcome: SlowOutcome): string {
  const { held, cutsMs, others, peakMemoryBytes } = outcome;
  const seconds = (part: number) => ((valueAt(cutsMs, part) ?? Number.NaN) / 1000).toFixed(1);
  const cuts = limit ? `cut after ${seconds(0)}–${seconds(1)} s, median ${seconds(0.5)} s; ` : '';
  return (
    `${name}: ${count} clients, ${held} at once; ${cuts}another client: ${others.waits.length} requests, ` +
    `${quantiles(others.waits)}, without the gateway ${quantiles(others.directWaits)}; ` +
    `memory ${megabytes(peakMemoryBytes)} MB`
  );
}

function faultsOf({ limit }: SlowKind, count: number, outcome: SlowOutcome): string[] {
  const { held, faults, others, peakMemoryBytes } = outcome;
  const found = Object.entries(faults).map(([what, times]) => `${what} (${times} clients)`);
  if (limit && held < count) found.push(`only ${held} of ${count} were connected at once`);
  const p99 = valueAt(others.waits, 0.99);
  if (others.failures.length > 0)
    found.push(`${others.failures.length} requests of another client failed: ${others.failures[0]}`);
  if (p99 === undefined || p99 > LIMIT_P99_MS) found.push(`another client waited ${p99?.toFixed(0)} ms`);
  if (peakMemoryBytes > LIMIT_MEMORY_BYTES) found.push(`${megabytes(peakMemoryBytes)} MB`);
  return found;
}

function quantiles(sorted: readonly number[]): string {
  const [median, p99] = [0.5, 0.99].map((part) => valueAt(sorted, part)?.toFixed(1));
  return `median ${median} ms, p99 ${p99} ms`;
}

function valueAt(sorted: readonly number[], part: number): number | undefined {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
}

function megabytes(octets: number): number {
  return Math.round(octets / 2 ** 20);
}

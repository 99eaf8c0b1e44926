// Many slow clients of some kinds at once, beside one ordinary client: how the gateway cut them off, how long the
// ordinary client waited, and how much memory all processes took.
import { setTimeout as delay } from 'node:timers/promises';
import { familyOf, memoryOf } from '../support/process-facts.ts';
import type { SlowKind, Victim } from './kinds.ts';
import type { ProbeReport } from './probe.ts';
import { startProbe } from './probe.ts';

export interface SlowRun {
  victim: Victim;
  /** The process whose memory, with that of its children, is measured. */
  pid: number;
  kinds: readonly SlowKind[];
  /** Clients of each kind. */
  count: number;
  /** How long the gateway may take to cut one off. */
  cutWithinMs: number;
}

export interface SlowOutcome {
  /** By kind, how many clients were not cut off, or not served; only those with some. */
  faults: Record<string, number>;
  slowestCutMs: number;
  others: ProbeReport;
  peakMemoryBytes: number;
}

/** How many connections begin at a time: fewer than the queue of the listener holds. */
const OPENING = 64;
const SAMPLE_MS = 200;

export async function runSlowClients({
  victim,
  pid,
  kinds,
  count,
  cutWithinMs,
}: SlowRun): Promise<SlowOutcome> {
  const probe = startProbe(victim);
  const memory = sampleMemory(pid);
  const faults: Record<string, number> = {};
  const cuts: number[] = [];
  const clients = kinds.flatMap((kind) => Array<SlowKind>(count).fill(kind));
  const ends: Promise<void>[] = [];
  const fault = ({ name }: SlowKind) => {
    faults[name] = (faults[name] ?? 0) + 1;
  };
  await inTurns(shuffled(clients), async (kind) => {
    const client = await kind.begin(victim).catch(() => undefined);
    if (!client) fault(kind);
    else if (kind.isCut) {
      ends.push(
        untilCut(client, cutWithinMs).then((ms) => {
          if (ms === undefined) fault(kind);
          else cuts.push(ms);
        }),
      );
    }
  });
  await Promise.all(ends);
  const others = await probe.stop();
  return { faults, slowestCutMs: Math.max(0, ...cuts), others, peakMemoryBytes: memory.stop() };
}

type Begun = Awaited<ReturnType<SlowKind['begin']>>;

/** Milliseconds until the connection was closed, or undefined if that took too long. */
async function untilCut({ socket, stop, wasCut }: Begun, withinMs: number): Promise<number | undefined> {
  const startedAt = performance.now();
  const hasClosed = await new Promise<boolean>((resolve) => {
    if (socket.closed) resolve(true);
    const timer = setTimeout(resolve, withinMs, false);
    socket.once('close', () => {
      clearTimeout(timer);
      resolve(true);
    });
  });
  stop();
  socket.destroy();
  return hasClosed && (wasCut?.() ?? true) ? performance.now() - startedAt : undefined;
}

async function inTurns<T>(items: readonly T[], act: (item: T) => Promise<void>): Promise<void> {
  const iterator = items.values();
  await Promise.all(
    Array.from({ length: OPENING }, async () => {
      for (const item of iterator) await act(item);
    }),
  );
}

/** All kinds from the beginning on, always in the same order. */
function shuffled(clients: readonly SlowKind[]): SlowKind[] {
  const STEP = 7919;
  return clients.map((_, index) => clients[(index * STEP) % clients.length] as SlowKind);
}

function sampleMemory(pid: number): { stop(): number } {
  let peak = 0;
  let over = false;
  const sample = async () => {
    while (!over) {
      const total = familyOf(pid).reduce((sum, process) => sum + memoryOf(process), 0);
      peak = Math.max(peak, total);
      await delay(SAMPLE_MS);
    }
  };
  const sampling = sample();
  return {
    stop() {
      over = true;
      sampling.catch(() => {});
      return peak;
    },
  };
}

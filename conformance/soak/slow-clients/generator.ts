// The slow clients, in a separate process. It reports to its parent when all have begun, and their results.
import { createSecureContext } from 'node:tls';
import { childInput, tellParent } from '../child.ts';
import { watchHeldConnections } from './held-connections.ts';
import { SLOW_KINDS, type SlowKind, type Victim } from './kinds.ts';
import type { Limits } from './settings.ts';

export interface SlowInput {
  port: number;
  /** PEM of the root certificate. */
  ca: string;
  /** Names of kinds. */
  kinds: readonly string[];
  /** Clients of each kind. */
  count: number;
  limits: Limits;
  /** How much later the gateway may disconnect them. */
  lateSeconds: number;
}

/** Sent when all have begun. */
export interface Begun {
  /** Clients that have begun and are not cut off yet. */
  held: number;
}

/** Sent at the end. */
export interface Ended {
  /** The number of failed clients, by kind and failure. */
  faults: Record<string, number>;
  /** Milliseconds from the begin of each client until it was cut off, in ascending order. */
  cutsMs: number[];
}

/** How many connections begin at a time: few, so that no handshake waits long for the others. */
const OPENING = 16;
/** Milliseconds for each second of the limit of idle connections. */
const PAUSE_PART = 700;
/** A tolerance for the clocks of two processes, and for timers that tick four times a second. */
const EARLY_MS = 300;

const { port, ca, kinds, count, limits, lateSeconds } = childInput<SlowInput>();
const secureContext = createSecureContext({ ca });
const victim: Victim = {
  port,
  secureContext,
  pauseMs: limits.idle * PAUSE_PART,
  held: watchHeldConnections(port),
};
const faults: Ended['faults'] = {};
const cutsMs: number[] = [];
const ends: Promise<void>[] = [];
let held = 0;

function fault({ name }: SlowKind, what: string): void {
  const key = `${name}: ${what}`;
  faults[key] = (faults[key] ?? 0) + 1;
}

async function begin(kind: SlowKind): Promise<void> {
  const openedAt = performance.now();
  try {
    const { over, stop } = await kind.begin(victim);
    held += 1;
    const end = kind.limit ? untilCut(kind, limits[kind.limit] * 1000, { over, openedAt }) : over;
    const failed = (error: unknown) => fault(kind, `not served: ${messageOf(error)}`);
    ends.push(
      end.catch(failed).finally(() => {
        held -= 1;
        stop();
      }),
    );
  } catch (error) {
    fault(kind, `not served: ${messageOf(error)}`);
  }
}

/** Waits until the client was cut off, but not too long. */
async function untilCut(
  kind: SlowKind,
  limitMs: number,
  { over, openedAt }: { over: Promise<void>; openedAt: number },
): Promise<void> {
  const begunAt = performance.now();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, limitMs + lateSeconds * 1000, true);
  });
  const isLate = await Promise.race([over.then(() => false), late]);
  clearTimeout(timer);
  if (isLate) fault(kind, 'not cut off in time');
  // The gateway's time begins after this.
  else if (performance.now() - openedAt < limitMs - EARLY_MS) fault(kind, 'disconnected too early');
  cutsMs.push(performance.now() - begunAt);
}

async function inTurns<T>(items: readonly T[], act: (item: T) => Promise<void>): Promise<void> {
  const iterator = items.values();
  const worker = async () => {
    for (const item of iterator) await act(item);
  };
  await Promise.all(Array.from({ length: OPENING }, worker));
}

/** All kinds from the beginning on, in turn. */
function clientsOf(names: readonly string[]): SlowKind[] {
  const chosen = SLOW_KINDS.filter(({ name }) => names.includes(name));
  return Array.from({ length: count }, () => chosen).flat();
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

await inTurns(clientsOf(kinds), begin);
tellParent({ held } satisfies Begun);
await Promise.all(ends);
tellParent({ faults, cutsMs: cutsMs.sort((a, b) => a - b) } satisfies Ended);

// Many slow clients of some kinds at once, beside one ordinary client: when the gateway disconnected them,
// how long the ordinary client waited, and how much memory all processes used.

import { familyOf, memoryOf } from '../../support/process-facts.ts';
import { type Child, startChild } from '../child.ts';
import type { Begun, Ended, SlowInput } from './generator.ts';
import type { ProbeInput, ProbeReport } from './probe.ts';

export interface SlowRun extends SlowInput {
  /** The process whose memory, with that of its children, is measured. */
  pid: number;
  upstreamPort: number;
  /** Between two requests of the ordinary client; default: 5. */
  pauseMs?: number;
}

export interface SlowOutcome extends Ended {
  /** Clients that were slow at the same time. */
  held: number;
  others: ProbeReport;
  peakMemoryBytes: number;
}

const SAMPLE_MS = 500;

/**
 * The measurement of the ordinary client begins when all slow ones have begun, and ends when all have ended.
 */
export async function runSlowClients({
  pid,
  upstreamPort,
  pauseMs = 5,
  ...input
}: SlowRun): Promise<SlowOutcome> {
  const { port, ca } = input;
  const probeInput: ProbeInput = { port, ca, upstreamPort, pauseMs };
  const probe = startChild<ProbeReport>(new URL('probe.ts', import.meta.url), probeInput);
  const generator = startChild<Begun | Ended>(new URL('generator.ts', import.meta.url), input);
  const memory = sampleMemory(pid);
  try {
    const { held } = (await generator.next()) as Begun;
    probe.send('begin');
    const ended = (await generator.next()) as Ended;
    probe.send('end');
    const others = await probe.next();
    return { ...ended, held, others, peakMemoryBytes: memory.stop() };
  } finally {
    memory.stop();
    await Promise.all([probe.end(), generator.end()]);
  }
}

export interface SlowUpstream {
  port: number;
  end(): Promise<void>;
}

export async function startSlowUpstream(): Promise<SlowUpstream> {
  const child: Child<number> = startChild(new URL('upstream.ts', import.meta.url), undefined);
  return { port: await child.next(), end: child.end };
}

function sampleMemory(pid: number): { stop(): number } {
  let peak = 0;
  const sample = () => {
    const total = familyOf(pid).reduce((sum, process) => sum + memoryOf(process), 0);
    peak = Math.max(peak, total);
  };
  const timer = setInterval(sample, SAMPLE_MS);
  return {
    stop() {
      clearInterval(timer);
      return peak;
    },
  };
}

// Samples memory and descriptors of a process and its children over time, and checks whether they grow.
import { descriptorsOf, familyOf, memoryOf } from '../../support/process-facts.ts';

export interface Usage {
  /** Proportional set size of all processes together. */
  memoryBytes: number;
  descriptors: number;
}

export interface Sample extends Usage {
  /** Requests that were made until then. */
  requests: number;
}

export interface Flatness {
  isFlat: boolean;
  /** The growth in words, with the figures. */
  lines: string[];
}

/** The part of a run in which programs warm up. It is not compared. */
const WARM_UP_PART = 0.1;
/**
 * The median of the last third may be above that of the first by this much, in octets and as a part of it.
 */
const SLACK_BYTES = 16 * 1024 * 1024;
const SLACK_PART = 0.05;
const SLACK_DESCRIPTORS = 16;
const SHOWN = 12;
const MILLION = 1e6;

export function usageOf(pid: number): Usage {
  const family = familyOf(pid);
  return {
    memoryBytes: family.reduce((sum, process) => sum + memoryOf(process), 0),
    descriptors: family.reduce((sum, process) => sum + descriptorsOf(process).length, 0),
  };
}

/** Compares the last third with the first, after the warm-up. */
export function flatnessOf(samples: readonly Sample[]): Flatness {
  const most = samples.at(-1)?.requests ?? 0;
  const compared = samples.filter(({ requests }) => requests >= most * WARM_UP_PART);
  const third = Math.floor(compared.length / 3);
  if (third === 0) return { isFlat: false, lines: ['too few samples to compare'] };
  const first = medianOf(compared.slice(0, third));
  const last = medianOf(compared.slice(-third));
  const allowedBytes = first.memoryBytes * SLACK_PART + SLACK_BYTES;
  const isFlat =
    last.memoryBytes - first.memoryBytes <= allowedBytes &&
    last.descriptors - first.descriptors <= SLACK_DESCRIPTORS;
  return { isFlat, lines: linesOf(isFlat, compared, { first, last }) };
}

export function describeUsage(usage: Usage): string {
  return `memory ${megabytes(usage.memoryBytes)} MB, descriptors ${usage.descriptors}`;
}

function linesOf(
  isFlat: boolean,
  compared: readonly Sample[],
  { first, last }: { first: Sample; last: Sample },
): string[] {
  const millions = (last.requests - first.requests) / MILLION;
  const memory = (last.memoryBytes - first.memoryBytes) / 2 ** 20 / millions;
  const descriptors = (last.descriptors - first.descriptors) / millions;
  const series = mediansOf(compared);
  return [
    `memory in MB:   ${series.map(({ memoryBytes }) => megabytes(memoryBytes)).join(' ')}`,
    `descriptors:    ${series.map((sample) => sample.descriptors).join(' ')}`,
    `  ${compared.length} samples after the first ${WARM_UP_PART * 100} % of the requests; each figure is a median`,
    `first third:    ${describeUsage(first)}`,
    `last third:     ${describeUsage(last)}`,
    `growth per million requests: memory ${memory.toFixed(2)} MB, descriptors ${descriptors.toFixed(1)}`,
    isFlat ? 'flat' : 'NOT FLAT',
  ];
}

/** Medians of equal parts. */
function mediansOf(samples: readonly Sample[]): Sample[] {
  const parts = Math.min(SHOWN, samples.length);
  return Array.from({ length: parts }, (_, part) => {
    const start = Math.floor((part * samples.length) / parts);
    return medianOf(samples.slice(start, Math.floor(((part + 1) * samples.length) / parts)));
  });
}

function medianOf(samples: readonly Sample[]): Sample {
  const median = (pick: (sample: Sample) => number) =>
    samples.map(pick).sort((a, b) => a - b)[Math.floor(samples.length / 2)] ?? Number.NaN;
  return {
    memoryBytes: median((sample) => sample.memoryBytes),
    descriptors: median((sample) => sample.descriptors),
    requests: median((sample) => sample.requests),
  };
}

function megabytes(octets: number): number {
  return Math.round(octets / 2 ** 20);
}

// Memory and descriptors of a process and its children over time, and whether they stay flat.
import { descriptorsOf, familyOf, memoryOf } from '../support/process-facts.ts';

export interface Sample {
  memoryBytes: number;
  descriptors: number;
}

export interface Flatness {
  isFlat: boolean;
  /** In words, with the figures. */
  text: string;
}

/** What an allocator may need beyond the first part of a run, in octets and as a part of it. */
const SLACK_BYTES = 32 * 1024 * 1024;
const SLACK_PART = 0.1;
const SLACK_DESCRIPTORS = 20;

export function sampleOf(pid: number): Sample {
  const family = familyOf(pid);
  return {
    memoryBytes: family.reduce((sum, process) => sum + memoryOf(process), 0),
    descriptors: family.reduce((sum, process) => sum + descriptorsOf(process).length, 0),
  };
}

/** Compares the last fifth of the samples with the second: in the first, programs warm up. */
export function flatnessOf(samples: readonly Sample[]): Flatness {
  const fifth = Math.max(1, Math.floor(samples.length / 5));
  const early = meanOf(samples.slice(fifth, 2 * fifth));
  const late = meanOf(samples.slice(-fifth));
  const allowedBytes = early.memoryBytes * (1 + SLACK_PART) + SLACK_BYTES;
  const isFlat =
    late.memoryBytes <= allowedBytes && late.descriptors <= early.descriptors + SLACK_DESCRIPTORS;
  const change = `memory ${megabytes(early)} MB early and ${megabytes(late)} MB late`;
  const descriptors = `descriptors ${Math.round(early.descriptors)} early and ${Math.round(late.descriptors)} late`;
  return { isFlat, text: `${isFlat ? 'flat' : 'NOT FLAT'}: ${change}, ${descriptors}` };
}

export function describeSample(sample: Sample): string {
  return `memory ${megabytes(sample)} MB, descriptors ${sample.descriptors}`;
}

function meanOf(samples: readonly Sample[]): Sample {
  const mean = (pick: (sample: Sample) => number) =>
    samples.reduce((sum, sample) => sum + pick(sample), 0) / Math.max(1, samples.length);
  return {
    memoryBytes: mean((sample) => sample.memoryBytes),
    descriptors: mean((sample) => sample.descriptors),
  };
}

function megabytes({ memoryBytes }: Sample): number {
  return Math.round(memoryBytes / 1024 / 1024);
}

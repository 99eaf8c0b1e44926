// Rounds of measurements: each round measures every subject once, so that other load on the machine affects
// all of them equally. The order changes from round to round.
import type { LoadResult } from './load.ts';
import { cpuSecondsOf, residentBytesOf } from './process-usage.ts';
import type { RunningProgram } from './running-program.ts';

export interface Subject {
  name: string;
  program: RunningProgram;
  /** Programs that it needs for its work, such as one that checks tokens. They count with it. */
  companions?: readonly RunningProgram[];
  /** Runs the load. The load's own processor time does not count. */
  load(duration: { seconds: number; signal: AbortSignal }): Promise<LoadResult>;
}

export interface Sample extends LoadResult {
  /** Requests for each second of processor time of all processes of the subject. */
  requestsPerCpuSecond: number;
  residentBytes: number;
}

export interface RoundsOptions {
  rounds: number;
  seconds: number;
  /** The counted unit, in the plural: `requests`. */
  unit: string;
  /** Default: five. */
  warmUpSeconds?: number;
  signal: AbortSignal;
  say(line: string): void;
}

// Long enough for programs that compile while they run.
const WARM_UP_SECONDS = 5;

/** The samples of each subject, one for each round, in order. */
export async function measureRounds<S extends Subject>(
  subjects: readonly S[],
  { rounds, seconds, unit, warmUpSeconds = WARM_UP_SECONDS, signal, say }: RoundsOptions,
): Promise<Map<S, Sample[]>> {
  const samples = new Map<S, Sample[]>(subjects.map((subject) => [subject, []]));
  for (const subject of subjects) {
    say(`warming up: ${subject.name}`);
    await measure(subject, warmUpSeconds, signal);
  }
  for (let round = 0; round < rounds; round += 1) {
    for (const subject of orderOfRound(subjects, round)) {
      const sample = await measure(subject, seconds, signal);
      samples.get(subject)?.push(sample);
      const work = Math.round(sample.requestsPerCpuSecond);
      say(`round ${round + 1} of ${rounds}: ${subject.name}: ${work} ${unit} per CPU-second`);
    }
  }
  return samples;
}

/** One sample. Rejects if one of its programs has ended. */
export async function measure(
  { program, companions = [], load }: Subject,
  seconds: number,
  signal: AbortSignal,
): Promise<Sample> {
  const programs = [program, ...companions];
  const pids = programs.map(({ pid }) => pid);
  const before = cpuSecondsOf(...pids);
  const result = await load({ seconds, signal });
  for (const each of programs) each.assertRunning();
  const cpuSeconds = cpuSecondsOf(...pids) - before;
  return {
    ...result,
    requestsPerCpuSecond: result.requests / cpuSeconds,
    residentBytes: residentBytesOf(...pids),
  };
}

/**
 * Every second round runs in reverse order, and each pair of rounds begins with another subject, so that no
 * subject always follows the same one.
 */
export function orderOfRound<S>(subjects: readonly S[], round: number): S[] {
  const first = Math.floor(round / 2) % subjects.length;
  const order = [...subjects.slice(first), ...subjects.slice(0, first)];
  return round % 2 === 0 ? order : order.reverse();
}

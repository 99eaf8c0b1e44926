// The fuzzing loop. It picks an input, changes it a few times, and gives it to every reader. An input that a
// reader accepts joins the inputs to pick from, so that later changes build on it. Every second pick is one
// of the first inputs. A finding is an unexpected error of a reader, or a run of more than a second.
import { mutateOctets } from './mutate-octets.ts';
import type { Random } from './random.ts';
import type { FormMutation, FuzzReader, FuzzTarget } from './target.ts';

export interface Finding {
  readonly reader: string;
  readonly problem: string;
  readonly input: Uint8Array;
}

export interface FuzzResult {
  /** Inputs. Each was given to every reader. */
  readonly runs: number;
  /** How many inputs each reader accepted. */
  readonly accepted: ReadonlyMap<string, number>;
  /** One for each problem. */
  readonly findings: readonly Finding[];
}

/** Fuzzes until `isEnough` says so. */
export function fuzz(
  { readers, corpus, mutate, generate }: FuzzTarget,
  random: Random,
  isEnough: (runs: number) => boolean,
): FuzzResult {
  const pool = [...corpus];
  const accepted = new Map(readers.map(({ name }) => [name, 0]));
  const findings = new Map<string, Finding>();
  let runs = 0;
  for (; !isEnough(runs); runs++) {
    // The first inputs are the valid ones, unchanged.
    const input =
      corpus[runs] ?? generate?.(random) ?? changed(random.pick([corpus, pool]), pool, { random, mutate });
    for (const reader of readers) {
      const outcome = give(reader, input);
      if (outcome === 'accepted') accepted.set(reader.name, (accepted.get(reader.name) ?? 0) + 1);
      else if (outcome !== 'refused') findings.set(`${reader.name} ${outcome.problem}`, outcome);
      if (outcome === 'accepted' && !reader.isGeneral && input.length <= MAX_POOL_OCTETS)
        addToPool(pool, random, input);
    }
  }
  return { runs, accepted, findings: [...findings.values()] };
}

const MAX_CHANGES = 4;
/** Copies of copies would soon fill the memory, so the pool has a limit. */
const MAX_OCTETS = 32_768;
const MAX_POOL = 1000;
const MAX_POOL_OCTETS = 2048;
const MAX_RUN_MS = 1000;

interface Changes {
  random: Random;
  mutate: FormMutation;
}

function changed(
  origins: readonly Uint8Array[],
  pool: readonly Uint8Array[],
  { random, mutate }: Changes,
): Uint8Array {
  let input = random.pick(origins);
  for (let changes = 1 + random.below(MAX_CHANGES); changes > 0 && input.length <= MAX_OCTETS; changes--) {
    const other = random.pick(pool);
    const change = random.below(3) === 0 ? mutateOctets : mutate;
    input = change(input, random, other) ?? mutateOctets(input, random, other);
  }
  return input;
}

function give(reader: FuzzReader, input: Uint8Array): 'accepted' | 'refused' | Finding {
  // Processor time: on a busy machine, a thread may wait for seconds.
  const start = process.threadCpuUsage();
  try {
    const outcome = reader.accepts(input) ? 'accepted' : 'refused';
    const { user, system } = process.threadCpuUsage(start);
    if ((user + system) / 1000 <= MAX_RUN_MS) return outcome;
    return { reader: reader.name, problem: `took more than ${MAX_RUN_MS} ms`, input };
  } catch (error) {
    return { reader: reader.name, problem: describe(error), input };
  }
}

/** The place of an error identifies a finding better than its message, which depends on the input. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const place = /at .*/.exec(error.stack?.slice(error.stack.indexOf('\n')) ?? '');
  return `${error.name}: ${error.message.slice(0, 200)} ${place ?? ''}`;
}

/** The pool grows to its limit. Then a new input replaces a random one. */
function addToPool(pool: Uint8Array[], random: Random, input: Uint8Array): void {
  if (pool.length < MAX_POOL) pool.push(input);
  else pool[random.below(pool.length)] = input;
}

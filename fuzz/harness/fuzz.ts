// The loop: an input is picked, changed a few times, and given to every reader. What a reader takes joins the inputs to pick
// from, so that later changes build upon it; every other time it is one of the first inputs again. A finding is whatever a
// reader throws, and a run of more than a second.
import { mutateOctets } from './mutate-octets.ts';
import { mutateTlv } from './mutate-tlv.ts';
import type { Random } from './random.ts';
import type { FuzzReader, FuzzTarget } from './target.ts';

export interface Finding {
  readonly reader: string;
  readonly problem: string;
  readonly input: Uint8Array;
}

export interface FuzzResult {
  /** Inputs; each was given to every reader. */
  readonly runs: number;
  /** How many inputs each reader took. */
  readonly taken: ReadonlyMap<string, number>;
  /** One for each problem. */
  readonly findings: readonly Finding[];
}

/** Fuzzes until told that it is enough. */
export function fuzz(
  { readers, corpus }: FuzzTarget,
  random: Random,
  isEnough: (runs: number) => boolean,
): FuzzResult {
  const pool = [...corpus];
  const taken = new Map(readers.map(({ name }) => [name, 0]));
  const findings = new Map<string, Finding>();
  let runs = 0;
  for (; !isEnough(runs); runs++) {
    // The first inputs are the valid ones as they are.
    const input = corpus[runs] ?? mutate(random.pick([corpus, pool]), pool, random);
    for (const reader of readers) {
      const outcome = give(reader, input);
      if (outcome === 'taken') taken.set(reader.name, (taken.get(reader.name) ?? 0) + 1);
      else if (outcome !== 'refused') findings.set(`${reader.name} ${outcome.problem}`, outcome);
      if (outcome === 'taken' && !reader.isGeneral && input.length <= MAX_POOL_OCTETS)
        keep(pool, random, input);
    }
  }
  return { runs, taken, findings: [...findings.values()] };
}

const MAX_CHANGES = 4;
/** Copies of copies would soon fill the memory; beyond this nothing is added. */
const MAX_OCTETS = 32_768;
const MAX_POOL = 1000;
const MAX_POOL_OCTETS = 2048;
const MAX_RUN_MS = 1000;

function mutate(origins: readonly Uint8Array[], pool: readonly Uint8Array[], random: Random): Uint8Array {
  let input = random.pick(origins);
  for (let changes = 1 + random.below(MAX_CHANGES); changes > 0 && input.length <= MAX_OCTETS; changes--) {
    const other = random.pick(pool);
    const change = random.below(3) === 0 ? mutateOctets : mutateTlv;
    input = change(input, random, other) ?? mutateOctets(input, random, other);
  }
  return input;
}

function give(reader: FuzzReader, input: Uint8Array): 'taken' | 'refused' | Finding {
  const start = performance.now();
  try {
    const outcome = reader.takes(input) ? 'taken' : 'refused';
    const elapsedMs = performance.now() - start;
    if (elapsedMs <= MAX_RUN_MS) return outcome;
    return { reader: reader.name, problem: `took more than ${MAX_RUN_MS} ms`, input };
  } catch (error) {
    return { reader: reader.name, problem: describe(error), input };
  }
}

/** Where an error comes from tells findings apart, better than what it says of the input. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const place = /at .*/.exec(error.stack?.slice(error.stack.indexOf('\n')) ?? '');
  return `${error.name}: ${error.message.slice(0, 200)} ${place ?? ''}`;
}

/** The pool grows to its limit; then a newcomer takes the place of any. */
function keep(pool: Uint8Array[], random: Random, input: Uint8Array): void {
  if (pool.length < MAX_POOL) pool.push(input);
  else pool[random.below(pool.length)] = input;
}

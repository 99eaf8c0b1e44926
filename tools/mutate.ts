// `npm run mutate -- AREA [--sample N] [--seed S]`: changes one operator, literal or condition of an area at
// a time, and runs the tests of the area. A change that no test notices survives: it shows what is not
// tested. Exit status 1 if fewer than nine in ten are killed.
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createRandom } from '../fuzz/harness/random.ts';
import type { MutantAt } from './mutate/mutants.ts';
import { mutantsIn } from './mutate/mutants.ts';
import { createTestRun } from './mutate/test-run.ts';

interface MutationArea {
  sources: string;
  tests: string;
}

const AREAS: Readonly<Record<string, MutationArea>> = {
  authz: {
    sources: 'packages/{access/src/policy,cedar/src}/**/*.ts',
    tests: 'packages/{access/test/policy,cedar/test}/**/*.test.ts',
  },
};
const USAGE = `usage: npm run mutate -- AREA [--sample N] [--seed S]\nareas: ${Object.keys(AREAS).join(', ')}`;
const USAGE_STATUS = 2;
const LEAST_KILLED = 0.9;

const wanted = readArguments();
if (wanted) process.exitCode = await mutate(wanted);
else {
  console.error(USAGE);
  process.exitCode = USAGE_STATUS;
}

interface Wanted {
  area: MutationArea;
  /** How many of the mutants to run; absent: all. */
  sample: number | undefined;
  seed: number;
}

function readArguments(): Wanted | undefined {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { sample: { type: 'string' }, seed: { type: 'string', default: '1' } },
  });
  const area = AREAS[positionals[0] ?? ''];
  const sample = values.sample === undefined ? undefined : Number(values.sample);
  return area && { area, sample, seed: Number(values.seed) };
}

async function mutate({ area, sample, seed }: Wanted): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-mutate-'));
  const isKilled = createTestRun(globSync(area.tests).sort(), folder);
  try {
    if (await isKilled(undefined)) throw new Error('the tests fail without a change');
    const all = globSync(area.sources)
      .sort()
      .flatMap((file) => mutantsIn(file, readFileSync(file, 'utf8')));
    const chosen = sample === undefined ? all : sampleOf(all, sample, seed);
    console.log(`${chosen.length} of ${all.length} changes`);
    const survivors: MutantAt[] = [];
    for (const mutant of chosen) {
      if (await isKilled(mutant)) continue;
      survivors.push(mutant);
      console.log(`survived: ${mutant.file}:${mutant.line}: ${mutant.original} → ${mutant.replacement}`);
    }
    const killed = chosen.length - survivors.length;
    console.log(`${killed} of ${chosen.length} killed (${((killed / chosen.length) * 100).toFixed(1)} %)`);
    return killed / chosen.length >= LEAST_KILLED ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function sampleOf(mutants: readonly MutantAt[], count: number, seed: number): MutantAt[] {
  const random = createRandom(seed);
  const rest = [...mutants];
  return Array.from({ length: Math.min(count, rest.length) }, () => {
    const [chosen] = rest.splice(random.below(rest.length), 1);
    return chosen as MutantAt;
  });
}

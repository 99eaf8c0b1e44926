// `npm run mutate -- AREA [--sample N] [--seed S]`: changes one operator, literal or condition of an area at
// a time, and runs the tests of the area. A change survives if no test fails, so it shows code without a
// test. Exit status 1 if fewer than nine in ten are killed.
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createRandom } from '../fuzz/harness/random.ts';
import type { MutantAt } from './mutate/mutants.ts';
import { mutantsIn } from './mutate/mutants.ts';
import { createQuickRun } from './mutate/quick-run.ts';
import type { TestRun } from './mutate/test-run.ts';
import { createTestRun } from './mutate/test-run.ts';

/** Sources, and the groups of tests that may detect a change of them. */
interface MutationPart {
  sources: string;
  tests: readonly string[];
}

const CEDAR_TESTS = 'packages/cedar/test/**/*.test.ts';
const POLICY_TESTS = 'packages/access/test/policy/**/*.test.ts';

const AREAS: Readonly<Record<string, readonly MutationPart[]>> = {
  authz: [
    { sources: 'packages/access/src/policy/**/*.ts', tests: [POLICY_TESTS] },
    { sources: 'packages/cedar/src/**/*.ts', tests: [CEDAR_TESTS, POLICY_TESTS] },
  ],
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
  area: readonly MutationPart[];
  /** The number of mutants to run; absent: all. */
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
  using stack = new DisposableStack();
  stack.defer(() => rmSync(folder, { recursive: true, force: true }));
  const all: { mutant: MutantAt; isKilled: TestRun }[] = [];
  for (const { sources, tests } of area) {
    const isKilled = await testRunOf(tests, folder, stack);
    const files = globSync(sources).sort();
    const mutants = files.flatMap((file) => mutantsIn(file, readFileSync(file, 'utf8')));
    all.push(...mutants.map((mutant) => ({ mutant, isKilled })));
  }
  const chosen = sample === undefined ? all : sampleOf(all, sample, seed);
  console.log(`${chosen.length} of ${all.length} changes`);
  let survived = 0;
  for (const { mutant, isKilled } of chosen) {
    if (await isKilled(mutant)) continue;
    survived += 1;
    console.log(`survived: ${mutant.file}:${mutant.line}: ${mutant.original} → ${mutant.replacement}`);
  }
  const killed = chosen.length - survived;
  console.log(`${killed} of ${chosen.length} killed (${((killed / chosen.length) * 100).toFixed(1)} %)`);
  return killed / chosen.length >= LEAST_KILLED ? 0 : 1;
}

/** If the quick run does not detect a change, the whole test runner tests it too. */
async function testRunOf(tests: readonly string[], folder: string, stack: DisposableStack): Promise<TestRun> {
  const groups = tests.map((group) => globSync(group).sort());
  const quick = stack.use(createQuickRun(groups));
  const isKilled = createTestRun(groups.flat(), folder);
  if ((await quick.isKilled(undefined)) || (await isKilled(undefined)))
    throw new Error('the tests fail without a change');
  return async (mutant) => (await quick.isKilled(mutant)) || (await isKilled(mutant));
}

function sampleOf<T>(mutants: readonly T[], count: number, seed: number): T[] {
  const random = createRandom(seed);
  const rest = [...mutants];
  return Array.from({ length: Math.min(count, rest.length) }, () => {
    const [chosen] = rest.splice(random.below(rest.length), 1);
    return chosen as T;
  });
}

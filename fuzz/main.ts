// `npm run fuzz -- TARGET [--minutes N | --seconds N | --inputs N] [--seed S]`: gives changed inputs to the
// readers of a target, and prints the speed and the findings. Exit status 1 with findings, 2 if called
// wrongly.
import { parseArgs } from 'node:util';
import { type Finding, fuzz } from './harness/fuzz.ts';
import { createRandom } from './harness/random.ts';
import type { FuzzTarget } from './harness/target.ts';

const TARGETS: Readonly<Record<string, () => Promise<{ createTarget: () => FuzzTarget }>>> = {
  authz: () => import('./targets/authz.ts'),
  http1: () => import('./targets/http1.ts'),
  signatures: () => import('./targets/signatures.ts'),
  x509: () => import('./targets/x509.ts'),
};
const USAGE = `usage: npm run fuzz -- TARGET [--minutes N | --seconds N | --inputs N] [--seed S]\ntargets: ${Object.keys(TARGETS).join(', ')}\n`;
const USAGE_STATUS = 2;
const PROGRESS_MS = 30_000;
const DEFAULT_SECONDS = 60;

const wanted = readArguments(process.argv.slice(2));
if (wanted === undefined) {
  process.stderr.write(USAGE);
  process.exitCode = USAGE_STATUS;
} else {
  const { createTarget } = await wanted.load();
  process.exitCode = run(createTarget(), wanted);
}

interface Options {
  readonly seconds: number;
  /** How many inputs; infinite: as many as there is time for. */
  readonly inputs: number;
  readonly seed: number;
}

function readArguments(args: string[]) {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        minutes: { type: 'string' },
        seconds: { type: 'string' },
        inputs: { type: 'string' },
        seed: { type: 'string', default: '1' },
      },
    });
    const [name = '', ...surplus] = positionals;
    const load = Object.hasOwn(TARGETS, name) ? TARGETS[name] : undefined;
    const isTimed = values.inputs === undefined;
    const inputs = isTimed ? Number.POSITIVE_INFINITY : Number(values.inputs);
    const given = values.seconds ?? (values.minutes && Number(values.minutes) * 60);
    const seconds = Number(given ?? (isTimed ? DEFAULT_SECONDS : Number.POSITIVE_INFINITY));
    const options = { seconds, inputs, seed: Number(values.seed) };
    const isValid = seconds > 0 && inputs > 0 && Number.isSafeInteger(options.seed) && surplus.length === 0;
    return load && isValid ? { load, ...options } : undefined;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return undefined;
  }
}

function run(target: FuzzTarget, { seconds: wantedSeconds, inputs, seed }: Options): number {
  const start = performance.now();
  const progress = createProgress(start);
  const isEnough = (runs: number) => {
    progress(runs);
    return runs >= inputs || performance.now() - start > wantedSeconds * 1000;
  };
  const { runs, accepted, findings } = fuzz(target, createRandom(seed), isEnough);
  const seconds = (performance.now() - start) / 1000;
  print(`${runs} inputs in ${seconds.toFixed(1)} s, ${Math.round(runs / seconds)} runs/s, seed ${seed}`);
  if (target.each) print(`${runs * target.each[0]} ${target.each[1]}`);
  for (const [reader, count] of accepted) print(`${reader} accepted ${count}`);
  for (const finding of findings) print(formatFinding(finding));
  print(`${findings.length} findings`);
  return findings.length === 0 ? 0 : 1;
}

function createProgress(start: number): (runs: number) => void {
  let next = start + PROGRESS_MS;
  return (runs) => {
    const now = performance.now();
    if (now < next) return;
    next = now + PROGRESS_MS;
    print(`${runs} inputs, ${Math.round((runs / (now - start)) * 1000)} runs/s`);
  };
}

function formatFinding({ reader, problem, input }: Finding): string {
  return `FINDING in ${reader}: ${problem}\n  input: ${Buffer.from(input).toString('hex')}`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

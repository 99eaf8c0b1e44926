// `npm run soak -- kills [--rounds N] [--seed S]`: repeats what `npm test` does a few times, for as long as
// you want. Exit status 1 if the server is at fault, 2 if called wrongly.
import { parseArgs } from 'node:util';
import { runKills } from './kills/rounds.ts';

const USAGE = 'usage: npm run soak -- kills [--rounds N] [--seed S]\n';
const USAGE_STATUS = 2;

const wanted = readArguments(process.argv.slice(2));
if (wanted === undefined) {
  process.stderr.write(USAGE);
  process.exitCode = USAGE_STATUS;
} else {
  const begin = performance.now();
  const { differences, acknowledged } = await runKills({ ...wanted, say: print });
  const seconds = Math.round((performance.now() - begin) / 1000);
  print(`${acknowledged} writes acknowledged in ${seconds} s, seed ${wanted.seed}`);
  for (const difference of differences) print(`DIFFERENCE ${difference}`);
  print(`${differences.length} differences`);
  process.exitCode = differences.length === 0 ? 0 : 1;
}

function readArguments(args: string[]): { rounds: number; seed: number } | undefined {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { rounds: { type: 'string', default: '200' }, seed: { type: 'string', default: '1' } },
    });
    const [rounds, seed] = [Number(values.rounds), Number(values.seed)];
    const isValid = Number.isSafeInteger(rounds) && rounds > 0 && Number.isSafeInteger(seed);
    return isValid && positionals.join() === 'kills' ? { rounds, seed } : undefined;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return undefined;
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

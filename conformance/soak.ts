// `npm run soak -- KIND [options]`: repeats what `npm test` does a few times, for as long as you want. Exit status 1
// if the server is at fault, 2 if called wrongly.
import { parseArgs } from 'node:util';
import { runKills } from './kills/rounds.ts';
import { soakChanges } from './load/soak.ts';
import { runMixedRequests } from './mixed/run.ts';
import { soakSlowClients } from './slow-clients/soak.ts';

const USAGE = `usage: npm run soak -- kills [--rounds N] [--seed S]
       npm run soak -- requests [--count N] [--transport bun|node]
       npm run soak -- slow-clients [--count N] [--transport bun|node]
       npm run soak -- changes [--count N] [--deaths N] [--transport bun|node]
`;
const USAGE_STATUS = 2;

/** Each prints what it measures, and returns what was wrong. */
const KINDS: Record<string, (options: Options) => Promise<string[]>> = {
  async kills({ rounds, seed }) {
    const { differences, acknowledged } = await runKills({ rounds, seed, say: print });
    print(`${acknowledged} writes acknowledged, seed ${seed}`);
    return differences;
  },
  async requests({ count = 100_000, set }) {
    const { served, faults } = await runMixedRequests({ count, set, say: print });
    print(`${served} requests answered`);
    return faults;
  },
  'slow-clients': ({ count = 2000, set }) => soakSlowClients({ count, set, say: print }),
  changes: ({ count = 100, deaths, set }) => soakChanges({ count, deaths, set, say: print }),
};

interface Options {
  rounds: number;
  seed: number;
  deaths: number;
  count: number | undefined;
  /** Settings of the server. */
  set: string[];
}

const wanted = readArguments(process.argv.slice(2));
if (wanted === undefined) {
  process.stderr.write(USAGE);
  process.exitCode = USAGE_STATUS;
} else {
  const begin = performance.now();
  const faults = await wanted.run(wanted.options);
  for (const fault of faults) print(`FAULT ${fault}`);
  print(`${faults.length} faults in ${Math.round((performance.now() - begin) / 1000)} s`);
  process.exitCode = faults.length === 0 ? 0 : 1;
}

function readArguments(
  args: string[],
): { run: (options: Options) => Promise<string[]>; options: Options } | undefined {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        rounds: { type: 'string', default: '200' },
        seed: { type: 'string', default: '1' },
        deaths: { type: 'string', default: '10' },
        count: { type: 'string' },
        transport: { type: 'string' },
      },
    });
    const run = KINDS[positionals.join()];
    const { transport } = values;
    const options = {
      rounds: wholeNumber(values.rounds),
      seed: wholeNumber(values.seed),
      deaths: wholeNumber(values.deaths),
      count: values.count === undefined ? undefined : wholeNumber(values.count),
      set: transport === undefined ? [] : [`gateway.transport=${transport}`],
    };
    return run && { run, options };
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return undefined;
  }
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new Error(`${text} must be a whole number above zero`);
  return value;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

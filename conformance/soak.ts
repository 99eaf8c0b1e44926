// `npm run soak -- KIND [options]`: repeats what `npm test` does a few times, for as long as you want. Exit
// status 1 if the server is at fault, 2 if called wrongly.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { runKills } from './soak/kills/rounds.ts';
import { runReloads } from './soak/load/reload-soak.ts';
import { soakChanges } from './soak/load/soak.ts';
import { type MixedOutcome, runMixedRequests } from './soak/mixed/run.ts';
import { soakSlowClients } from './soak/slow-clients/soak.ts';
import { onTransport, TRANSPORTS, type TransportName } from './support/transports.ts';

const USAGE = `usage: npm run soak -- requests [--count N] [--report FILE]
       npm run soak -- reloads [--count N]
       npm run soak -- slow-clients [--count N] [--kind NAME]
       npm run soak -- changes [--count N] [--deaths N]
       npm run soak -- kills [--rounds N] [--seed S]
All but the last take --transport bun|node. Default: both, one after the other.
`;
const USAGE_STATUS = 2;

interface Options {
  count: number | undefined;
  deaths: number;
  kind: string | undefined;
  /** The file for all samples. */
  report: string | undefined;
  rounds: number;
  seed: number;
  transports: readonly TransportName[];
}

/** Each prints its measurements, and returns the failures. */
const KINDS: Record<string, (options: Options) => Promise<string[]>> = {
  requests(options) {
    const { count = 10_000_000, report } = options;
    const outcomes: Record<string, MixedOutcome> = {};
    return onEach(options, async (set, transport) => {
      const outcome = await runMixedRequests({ count, set, say: print });
      outcomes[transport] = outcome;
      if (report !== undefined) writeFileSync(report, `${JSON.stringify(outcomes)}\n`);
      return outcome.faults;
    });
  },
  reloads: (options) =>
    onEach(options, async (set) => {
      const { count = 100 } = options;
      const { served, faults } = await runReloads({ count, clients: 16, set });
      print(`${count} reloads: ${served} requests served, ${faults.length} faults`);
      return faults;
    }),
  'slow-clients': (options) =>
    onEach(options, (set) => {
      const { count = 2000, kind } = options;
      return soakSlowClients({ count, kind, set, say: print });
    }),
  changes(options) {
    const { deaths, count = 100 } = options;
    return onEach(options, (set) => soakChanges({ count, deaths, set, say: print }));
  },
  async kills({ rounds, seed }) {
    const { differences, acknowledged } = await runKills({ rounds, seed, say: print });
    print(`${acknowledged} writes acknowledged, seed ${seed}`);
    return differences;
  },
};

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

async function onEach(
  { transports }: Options,
  run: (set: readonly string[], transport: TransportName) => Promise<string[]>,
): Promise<string[]> {
  const faults: string[] = [];
  for (const transport of transports) {
    print(`transport ${transport}`);
    const own = await run(onTransport(transport), transport);
    faults.push(...own.map((fault) => `transport ${transport}: ${fault}`));
  }
  return faults;
}

function readArguments(
  args: string[],
): { run: (options: Options) => Promise<string[]>; options: Options } | undefined {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        count: { type: 'string' },
        deaths: { type: 'string' },
        kind: { type: 'string' },
        report: { type: 'string' },
        rounds: { type: 'string' },
        seed: { type: 'string' },
        transport: { type: 'string' },
      },
    });
    const run = KINDS[positionals.join()];
    const options = {
      count: wholeNumber(values.count),
      deaths: wholeNumber(values.deaths) ?? 10,
      kind: values.kind,
      report: values.report,
      rounds: wholeNumber(values.rounds) ?? 200,
      seed: wholeNumber(values.seed) ?? 1,
      transports: transportsOf(values.transport),
    };
    return run && { run, options };
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return undefined;
  }
}

function wholeNumber(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new Error(`${text} must be a whole number above zero`);
  return value;
}

function transportsOf(text: string | undefined): readonly TransportName[] {
  if (text === undefined) return TRANSPORTS;
  if (text !== 'bun' && text !== 'node') throw new Error(`the transport ${text} must be bun or node`);
  return [text];
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

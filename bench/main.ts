// `npm run bench -- AREA [--rounds N] [--seconds S]`: measures one area of Gatehouse beside its peers on this machine and writes
// the table to bench/RESULTS.md. What it started is ended again, also on Ctrl-C. `--against DIR` measures the build of another
// checkout beside this one. The area `control` takes `--principals N` as well, for one number of users and keys, without a record.
import { parseArgs } from 'node:util';
import type { Area, BenchOptions } from './harness/area.ts';

const AREAS: Readonly<Record<string, () => Promise<{ area: Area }>>> = {
  gateway: () => import('./areas/gateway.ts'),
  ca: () => import('./areas/ca.ts'),
  control: () => import('./areas/control.ts'),
  'ca-acme': () => import('./areas/ca/acme.ts'),
  'ca-sign': () => import('./areas/ca/sign.ts'),
  'ca-leaf': () => import('./areas/ca/leaf.ts'),
  'ca-ocsp': () => import('./areas/ca/ocsp.ts'),
  'ca-crl': () => import('./areas/ca/crl.ts'),
};
// Fewer say nothing about how far the results lie apart.
const LEAST_ROUNDS = 5;
const USAGE = `usage: npm run bench -- AREA [--rounds N, ${LEAST_ROUNDS} at least] [--seconds S]
       npm run bench -- gateway|control|ca-acme|ca-sign [--against DIR]
       npm run bench -- control [--principals N]…
areas: ${Object.keys(AREAS).join(', ')}`;
const TAKE_AGAINST = ['gateway', 'control', 'ca-acme', 'ca-sign'];
const USAGE_STATUS = 2;

const wanted = readArguments(process.argv.slice(2));
if (wanted === undefined) {
  console.error(USAGE);
  process.exitCode = USAGE_STATUS;
} else {
  process.exitCode = await run(wanted.load, { ...wanted.options, signal: interruption() });
}

function readArguments(args: string[]) {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        rounds: { type: 'string', default: '7' },
        seconds: { type: 'string', default: '5' },
        against: { type: 'string' },
        principals: { type: 'string', multiple: true },
      },
    });
    const [name = '', ...surplus] = positionals;
    const load = Object.hasOwn(AREAS, name) ? AREAS[name] : undefined;
    const { against } = values;
    const principals = values.principals?.map(Number);
    const options = { rounds: Number(values.rounds), seconds: Number(values.seconds), against, principals };
    const inRange = isBetween(options.rounds, LEAST_ROUNDS, 100) && isBetween(options.seconds, 1, 600);
    const isTaken =
      (against === undefined || TAKE_AGAINST.includes(name)) &&
      (principals === undefined || name === 'control');
    const areNumbers = principals?.every((count) => isBetween(count, 1, 1_000_000)) ?? true;
    return load && inRange && isTaken && areNumbers && surplus.length === 0 ? { load, options } : undefined;
  } catch (error) {
    console.error(messageOf(error));
    return undefined;
  }
}

async function run(load: () => Promise<{ area: Area }>, options: BenchOptions): Promise<number> {
  try {
    const { area } = await load();
    return (await area(options)) ? 0 : 1;
  } catch (error) {
    console.error(`bench: ${messageOf(options.signal.aborted ? options.signal.reason : error)}`);
    return 1;
  }
}

/** Aborted when this program is told to stop, or when the one that started it is gone. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => controller.abort(new Error(`stopped by ${name}`)));
  }
  process.on('disconnect', () => controller.abort(new Error('stopped: the parent process is gone')));
  process.channel?.unref();
  return controller.signal;
}

function isBetween(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

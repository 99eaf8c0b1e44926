// `npm run bench -- AREA [--rounds N] [--seconds S]`: measures one area of Gatehouse beside its peers on this
// machine and writes the table to bench/RESULTS.md. It ends all programs that it started, also on Ctrl-C.
// `--against DIR` measures the build of another checkout beside this one. The area `control` also takes
// `--principals N`, for one number of users and keys, without a record. The areas of the gateway take
// `--transport auto|bun|node`; two of them also take `--cores one|all` and `--access-log on|off`.
import { parseArgs } from 'node:util';
import { type Area, type BenchOptions, LEAST_ROUNDS } from './harness/area.ts';

type Load = () => Promise<{ area: Area }>;

const GATEWAY_AREAS: Readonly<Record<string, Load>> = {
  gateway: () => import('./areas/gateway.ts'),
  'gateway-plain': () => import('./areas/gateway/plain.ts'),
  'gateway-auth': () => import('./areas/gateway/auth.ts'),
  'gateway-bodies': () => import('./areas/gateway/bodies.ts'),
  'gateway-handshakes': () => import('./areas/gateway/handshakes.ts'),
  'gateway-memory': () => import('./areas/gateway/memory.ts'),
  'gateway-cold': () => import('./areas/gateway/cold.ts'),
};
const AREAS: Readonly<Record<string, Load>> = {
  ...GATEWAY_AREAS,
  authz: () => import('./areas/authz.ts'),
  'authz-changes': () => import('./areas/authz/changes.ts'),
  'authz-decisions': () => import('./areas/authz/decisions.ts'),
  ca: () => import('./areas/ca.ts'),
  channel: () => import('./areas/channel.ts'),
  'channel-fernet': () => import('./areas/channel/fernet.ts'),
  command: () => import('./areas/command.ts'),
  'channel-http': () => import('./areas/channel/http.ts'),
  client: () => import('./areas/client.ts'),
  control: () => import('./areas/control.ts'),
  identity: () => import('./areas/identity.ts'),
  'identity-sign-ins': () => import('./areas/identity/sign-ins.ts'),
  'ca-acme': () => import('./areas/ca/acme.ts'),
  'ca-sign': () => import('./areas/ca/sign.ts'),
  'ca-leaf': () => import('./areas/ca/leaf.ts'),
  'ca-ocsp': () => import('./areas/ca/ocsp.ts'),
  'ca-crl': () => import('./areas/ca/crl.ts'),
  sealed: () => import('./areas/sealed.ts'),
};
// The gateway's areas have many contenders.
const DEFAULTS = { rounds: '7', seconds: '5' };
const GATEWAY_DEFAULTS = { rounds: '5', seconds: '2' };
const TAKE_AGAINST = [...Object.keys(GATEWAY_AREAS), 'control', 'ca-acme', 'ca-sign', 'ca-crl'];
const TAKE_CONDITIONS = ['gateway', 'gateway-plain', 'gateway-auth'];
const USAGE = `usage: npm run bench -- AREA [--rounds N] [--seconds S]
       npm run bench -- gateway…|control|ca-acme|ca-sign|ca-crl [--against DIR]
       npm run bench -- gateway… [--transport auto|bun|node]…
       npm run bench -- gateway|gateway-plain|gateway-auth [--cores one|all]… [--access-log on|off]…
       npm run bench -- control [--principals N]…
With fewer than ${LEAST_ROUNDS} rounds, nothing is written to bench/RESULTS.md.
areas: ${Object.keys(AREAS).join(', ')}`;
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
        rounds: { type: 'string' },
        seconds: { type: 'string' },
        against: { type: 'string' },
        principals: { type: 'string', multiple: true },
        transport: { type: 'string', multiple: true },
        cores: { type: 'string', multiple: true },
        'access-log': { type: 'string', multiple: true },
      },
    });
    const [name = '', ...surplus] = positionals;
    const load = Object.hasOwn(AREAS, name) ? AREAS[name] : undefined;
    const defaults = Object.hasOwn(GATEWAY_AREAS, name) ? GATEWAY_DEFAULTS : DEFAULTS;
    const options = {
      rounds: Number(values.rounds ?? defaults.rounds),
      seconds: Number(values.seconds ?? defaults.seconds),
      against: values.against,
      principals: values.principals?.map(Number),
      transports: wordsOf(values.transport, ['auto', 'bun', 'node'] as const),
      cores: wordsOf(values.cores, ['one', 'all'] as const),
      accessLogs: wordsOf(values['access-log'], ['on', 'off'] as const)?.map((word) => word === 'on'),
    };
    const inRange = isBetween(options.rounds, 1, 100) && isBetween(options.seconds, 1, 600);
    const areNumbers = options.principals?.every((count) => isBetween(count, 1, 1_000_000)) ?? true;
    const isSound = inRange && areNumbers && takes(name, options) && surplus.length === 0;
    return load && isSound ? { load, options } : undefined;
  } catch (error) {
    console.error(messageOf(error));
    return undefined;
  }
}

/** Whether the area uses each given option. */
function takes(name: string, options: Omit<BenchOptions, 'signal'>): boolean {
  const { against, principals, transports, cores, accessLogs } = options;
  return (
    (against === undefined || TAKE_AGAINST.includes(name)) &&
    (principals === undefined || name === 'control') &&
    (transports === undefined || Object.hasOwn(GATEWAY_AREAS, name)) &&
    ((cores === undefined && accessLogs === undefined) || TAKE_CONDITIONS.includes(name))
  );
}

/** Throws for a word that is not in `known`. */
function wordsOf<Word extends string>(
  given: string[] | undefined,
  known: readonly Word[],
): Word[] | undefined {
  return given?.map((word) => {
    const found = known.find((each) => each === word);
    if (found === undefined) throw new Error(`"${word}" is none of ${known.join(', ')}`);
    return found;
  });
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

/** Aborted when this program gets a signal to stop, or when the program that started it has ended. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => controller.abort(new Error(`stopped by ${name}`)));
  }
  process.on('disconnect', () => controller.abort(new Error('stopped: the parent process has ended')));
  process.channel?.unref();
  return controller.signal;
}

function isBetween(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

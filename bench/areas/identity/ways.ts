// The time that a worker needs to authenticate a request of a known caller, for each way in, on Bun and on
// Node.
import { execFile } from 'node:child_process';
import { globSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { VERSION } from '@gatehouse/server';
import type { Area } from '../../harness/area.ts';
import { markdownTable, withRange } from '../../harness/results-table.ts';
import type { Scene } from '../../harness/scene.ts';
import { occasion, runPart } from '../../harness/scene.ts';
import { spreadOf } from '../../harness/statistics.ts';
import type { WayCosts } from './ways-process.ts';

const PROCESS = fileURLToPath(new URL('./ways-process.ts', import.meta.url));
const [BUN] = globSync(fileURLToPath(new URL('../../../node_modules/@oven/bun-*/bin/bun', import.meta.url)));
const BUN_OPTIONS = ['--no-env-file', '--config=/dev/null', '--no-install'];
const ROWS: readonly [name: keyof WayCosts, what: string][] = [
  ['bearer', '`bearer`: an access token'],
  ['apiKey', '`apiKey`: in X-API-Key'],
  ['session', '`session`: the cookie of a browser'],
  ['basic', '`basic`: an API key as the password'],
  ['appPassword', '`basic`: an app password'],
  ['mtls', '`mtls`: the certificate of the connection'],
  ['digest', '`digest`: SHA-256, the next count of a nonce'],
  ['dpop', '`bearer` with DPoP: a new ES256 proof, without its claim over the link'],
  ['signature', '`signature`: Ed25519 over a new request, without its claim over the link'],
];
/** The promised limits for bearer, key and session. */
const LIMIT_MICROSECONDS = 3;

export const area: Area = (options) =>
  runPart({ name: 'identity-ways', title: 'identity: a caller who is known' }, options, async (scene) => {
    const runtimes = [
      ...(BUN ? [{ name: 'Bun', command: [BUN, ...BUN_OPTIONS] }] : []),
      { name: 'Node', command: NODE },
    ];
    const costs = new Map<string, WayCosts[]>(runtimes.map(({ name }) => [name, []]));
    for (let round = 0; round < scene.rounds; round += 1) {
      for (const { name, command } of runtimes) costs.get(name)?.push(await measureRound(command, scene));
      console.log(`round ${round + 1} of ${scene.rounds}`);
    }
    const of = (runtime: string, way: keyof WayCosts) =>
      spreadOf((costs.get(runtime) ?? []).map((each) => each[way]));
    return {
      paragraphs: [
        occasion([{ name: 'Gatehouse', version: () => VERSION }]),
        conditions(scene),
        markdownTable(
          ['µs of processor time', ...runtimes.map(({ name }) => name)],
          ROWS.map(([way, what]) => [
            what,
            ...runtimes.map(({ name }) => withRange(of(name, way), microseconds)),
          ]),
        ),
      ],
      isSound: runtimes.every(({ name }) =>
        (['bearer', 'apiKey', 'session'] as const).every((way) => of(name, way).median <= LIMIT_MICROSECONDS),
      ),
    };
  });

const NODE = [process.execPath, '--disable-warning=ExperimentalWarning'];

async function measureRound(command: readonly string[], { seconds, signal }: Scene): Promise<WayCosts> {
  const [program = '', ...args] = command;
  const { stdout } = await promisify(execFile)(program, [...args, PROCESS, String(seconds)], { signal });
  return JSON.parse(stdout);
}

function microseconds(value: number): string {
  return value.toFixed(2);
}

function conditions({ rounds, seconds }: Scene): string {
  return [
    '`waysIn.identify()` with 64 callers in turn, all of them known: what is left is to find them, and to check that nothing has ended.',
    `Median (least–most) of ${rounds} rounds, each a process of its own that gives every row ${seconds} s.`,
  ].join(' ');
}

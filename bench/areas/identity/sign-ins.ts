// The effect of a thousand sign-ins that wait for a password hash on other requests, and the memory of a
// server that has signed people in.
import { loadavg } from 'node:os';
import { VERSION } from '@gatehouse/server';
import type { Area } from '../../harness/area.ts';
import { quantile } from '../../harness/load.ts';
import { markdownTable, withRange } from '../../harness/results-table.ts';
import type { Scene } from '../../harness/scene.ts';
import { occasion, runPart, siteOf } from '../../harness/scene.ts';
import { spreadOf } from '../../harness/statistics.ts';
import { startOneUpstream } from '../gateway/site.ts';
import { paceRequests } from './paced-requests.ts';
import { ADDRESSES, prepareFlood, SIGN_INS, SIGN_INS_OF_ONE } from './sign-in-flood.ts';
import type { Rest, SignInsServer } from './sign-ins-server.ts';
import { measureRest, PASSWORD, startServer } from './sign-ins-server.ts';

const INTERVAL_MS = 10;
/** The promised limits. */
const MOST_DELAY_MS = 50;
const MOST_REST_BYTES = 200e6;

interface Latencies {
  gateway: readonly number[];
  control: readonly number[];
}

interface Round {
  rest: Rest;
  quiet: Latencies;
  flooded: Latencies;
  floodSeconds: number;
  load: number;
}

export const area: Area = (options) =>
  runPart(
    { name: 'identity-sign-ins', title: 'identity: a thousand waiting sign-ins' },
    options,
    async (scene) => {
      const upstreamPort = await startOneUpstream(scene);
      const rounds: Round[] = [];
      for (let round = 0; round < scene.rounds; round += 1) {
        rounds.push(await measureRound(upstreamPort, scene));
        console.log(`round ${round + 1} of ${scene.rounds}`);
      }
      const delays = (['gateway', 'control'] as const).map((name) =>
        spreadOf(rounds.map((each) => delayOf(each, name))),
      );
      const rest = spreadOf(rounds.map((each) => each.rest.proportionalBytes));
      return {
        paragraphs: [
          occasion([{ name: 'Gatehouse', version: () => VERSION }]),
          conditions(scene, rounds),
          latencyTable(rounds),
          memoryTable(rounds),
        ],
        isSound: delays.every(({ median }) => median < MOST_DELAY_MS) && rest.median <= MOST_REST_BYTES,
      };
    },
  );

async function measureRound(upstreamPort: number, scene: Scene): Promise<Round> {
  await using stack = new AsyncDisposableStack();
  const own = { ...scene, stack };
  const server = await startServer({ ...(await siteOf({ name: 'gatehouse' }, own)), upstreamPort });
  await server.useIdentity();
  await server.askGateway();
  const rest = await measureRest(server, scene.signal);
  const end = performance.now() + scene.seconds * 1000;
  const quiet = await askBoth(server, () => scene.signal.aborted || performance.now() > end);
  // Not earlier: the server closes a connection that is idle for ten seconds.
  const flood = await prepareFlood({ origin: server.control, users: server.users, password: PASSWORD });
  stack.defer(flood.close);
  const begin = performance.now();
  let isAnswered = false;
  const sent = flood.send().finally(() => {
    isAnswered = true;
  });
  const [statuses, flooded] = await Promise.all([
    sent,
    askBoth(server, () => scene.signal.aborted || isAnswered),
  ]);
  requireHalves(statuses);
  return { rest, quiet, flooded, floodSeconds: (performance.now() - begin) / 1000, load: loadavg()[0] ?? 0 };
}

async function askBoth(server: SignInsServer, isOver: () => boolean): Promise<Latencies> {
  const [gateway, control] = await Promise.all(
    [server.askGateway, server.askControl].map((send) =>
      paceRequests({ intervalMs: INTERVAL_MS, send, isOver }),
    ),
  );
  return { gateway: gateway ?? [], control: control ?? [] };
}

/** Throws unless all of them waited and got the correct answer. */
function requireHalves(statuses: ReadonlyMap<number, number>): void {
  if (statuses.get(200) === SIGN_INS / 2 && statuses.get(401) === SIGN_INS / 2) return;
  const counts = [...statuses].map(([status, times]) => `${times} times ${status}`);
  throw new Error(`the sign-ins are answered ${counts.join(', ')}`);
}

function delayOf({ quiet, flooded }: Round, name: keyof Latencies): number {
  return quantile(flooded[name], 0.99) - quantile(quiet[name], 0.99);
}

function latencyTable(rounds: readonly Round[]): string {
  const cell = (of: (round: Round) => number) => withRange(spreadOf(rounds.map(of)), decimal);
  const rows = (['gateway', 'control'] as const).map((name) => [
    name === 'gateway' ? 'gateway, with an API key' : 'control listener, the key set',
    cell(({ quiet }) => quantile(quiet[name], 0.5)),
    cell(({ quiet }) => quantile(quiet[name], 0.99)),
    cell(({ flooded }) => quantile(flooded[name], 0.5)),
    cell(({ flooded }) => quantile(flooded[name], 0.99)),
    cell((round) => delayOf(round, name)),
  ]);
  const headings = ['ms', 'quiet p50', 'quiet p99', 'flooded p50', 'flooded p99', 'later by, p99'];
  return markdownTable(headings, rows);
}

function memoryTable(rounds: readonly Round[]): string {
  const cell = (of: (rest: Rest) => number) =>
    withRange(spreadOf(rounds.map(({ rest }) => of(rest) / 1e6)), decimal);
  return markdownTable(
    ['memory at rest, MB', 'proportional', 'nothing shared'],
    [['all processes', cell((rest) => rest.proportionalBytes), cell((rest) => rest.ownBytes)]],
  );
}

function conditions({ seconds }: Scene, rounds: readonly Round[]): string {
  return [
    `One worker. ${SIGN_INS} sign-ins come at once on open connections from ${ADDRESSES} addresses, half of them right; with`,
    `\`identity.hashQueue\` at ${SIGN_INS_OF_ONE}, all of them wait. Their answers took ${withRange(spreadOf(rounds.map(({ floodSeconds }) => floodSeconds)), decimal)} s.`,
    `Meanwhile, and for ${seconds} s before, a request was due at each listener every ${INTERVAL_MS} ms; its latency counts from then.`,
    'All clients are one process on the same cores. Memory is that of all processes of the server, after a sign-in, a token by client',
    `credentials, a discovery request and 5 s of rest. Median (least–most) of ${rounds.length} rounds, each with a new server. Load of the machine at`,
    `the end of each round: ${rounds.map(({ load }) => decimal(load)).join(', ')}.`,
  ].join(' ');
}

function decimal(value: number): string {
  return value.toFixed(1);
}

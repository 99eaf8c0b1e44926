// Memory at rest, and of 2,000 idle TLS connections, each of which has been used once.
import { setTimeout as delay } from 'node:timers/promises';
import type { Area } from '../../harness/area.ts';
import type { Contender } from '../../harness/contender.ts';
import { caddy } from '../../harness/contenders/caddy.ts';
import { gatehouse, gatehouseVariants } from '../../harness/contenders/gatehouse.ts';
import { haproxy } from '../../harness/contenders/haproxy.ts';
import { nginx } from '../../harness/contenders/nginx.ts';
import { layOutCores } from '../../harness/cores.ts';
import { openIdleConnections } from '../../harness/idle-connections.ts';
import { residentBytesEach, residentBytesOf } from '../../harness/process-usage.ts';
import { markdownTable, withRange } from '../../harness/results-table.ts';
import { orderOfRound } from '../../harness/rounds.ts';
import type { Scene } from '../../harness/scene.ts';
import { missingLines, occasion, runPart } from '../../harness/scene.ts';
import { spreadOf } from '../../harness/statistics.ts';
import type { Setting } from './site.ts';
import { checkWork, presentOf, startOneUpstream, startServing } from './site.ts';

interface Rest {
  serverBytes: number;
  /** Undefined if a worker is not a separate process. */
  workerBytes: number | undefined;
  connectionBytes: number;
}

// Starts differ only by a few percent, and thousands of handshakes take long.
const ROUNDS = 3;
const CONNECTIONS = 2000;
// Until the garbage of the start or the handshakes is collected, which the server does 5 s after its start.
const REST_MS = 7000;
// In the arguments of Gatehouse's worker processes: the built file.
const WORKER = '/dataplane.js';

export const area: Area = (options) =>
  runPart({ name: 'gateway-memory', title: 'gateway: memory' }, options, async (scene) => {
    const known = [...gatehouseVariants(options).map(gatehouse), nginx, haproxy, caddy];
    const contenders = presentOf(known);
    const layout = layOutCores('one', scene.stack);
    const setting = { layout, accessLog: false, upstreamPort: await startOneUpstream(scene) };
    const rounds = Math.min(ROUNDS, scene.rounds);
    const found = new Map<Contender, Rest[]>(contenders.map((contender) => [contender, []]));
    for (let round = 0; round < rounds; round += 1) {
      for (const contender of orderOfRound(contenders, round)) {
        const rest = await measureRest(contender, setting, scene);
        found.get(contender)?.push(rest);
        const kilobytes = (rest.connectionBytes / 1000).toFixed(1);
        console.log(`round ${round + 1}: ${contender.name}: ${kilobytes} KB a connection`);
      }
    }
    const conditions = [
      `One worker each. Memory is the proportional set size of all processes of a contender, ${REST_MS / 1000} s after it answered a few`,
      `requests, and again after ${CONNECTIONS} TLS 1.3 connections were opened, each was used for one GET, and all were left idle. What the`,
      `kernel uses for sockets is not included. Median (least–most) of ${rounds} starts in which the contenders take turns.`,
    ].join(' ');
    return {
      paragraphs: [occasion(contenders), conditions, tableOf(found), ...missingLines(known)],
      isSound: true,
    };
  });

async function measureRest(contender: Contender, setting: Setting, scene: Scene): Promise<Rest> {
  await using stack = new AsyncDisposableStack();
  const serving = await startServing(contender, setting, { ...scene, stack });
  const { pid } = serving.program;
  await checkWork(serving);
  await delay(REST_MS, undefined, { signal: scene.signal });
  const serverBytes = residentBytesOf(pid);
  const [workerBytes] = residentBytesEach(pid, WORKER);
  const idle = await openIdleConnections(serving.target, CONNECTIONS, scene.signal);
  stack.defer(idle.close);
  await delay(REST_MS, undefined, { signal: scene.signal });
  idle.assertOpen();
  serving.program.assertRunning();
  const connectionBytes = (residentBytesOf(pid) - serverBytes) / CONNECTIONS;
  return { serverBytes, workerBytes, connectionBytes };
}

function tableOf(found: ReadonlyMap<Contender, readonly Rest[]>): string {
  const headings = ['contender', 'at rest, MB', 'of it a worker process, MB', 'an idle TLS connection, KB'];
  const rows = [...found].map(([{ name }, rests]) => [
    name,
    cell(rests.map(({ serverBytes }) => serverBytes / 1e6)),
    cell(rests.flatMap(({ workerBytes }) => (workerBytes === undefined ? [] : [workerBytes / 1e6]))),
    cell(rests.map(({ connectionBytes }) => connectionBytes / 1000)),
  ]);
  return markdownTable(headings, rows);
}

function cell(values: readonly number[]): string {
  return values.length === 0 ? '' : withRange(spreadOf(values), (value) => value.toFixed(1));
}

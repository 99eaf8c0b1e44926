// The encrypted endpoint of the seeds over plain HTTP: an offer, an exchange of keys, and a message, each
// measured separately, beside the same endpoint in Tornado.
import type { Area } from '../../harness/area.ts';
import { createHttpConnection, type HttpConnection } from '../../harness/http-connection.ts';
import { type LoadResult, quantile } from '../../harness/load.ts';
import { poll } from '../../harness/poll.ts';
import { errorsOf, resultsTable } from '../../harness/results-table.ts';
import { measure, orderOfRound, type Sample } from '../../harness/rounds.ts';
import type { Outcome, Scene } from '../../harness/scene.ts';
import { missingLines, occasion, runPart, siteOf } from '../../harness/scene.ts';
import { gatehouse, gatehouseSigned, type Server, type StartedServer, tornado } from './http-servers.ts';
import { exchanges, messages, offers, type Prepare, type Work } from './http-work.ts';

const KNOWN: readonly Server[] = [gatehouse, gatehouseSigned, tornado];
const CONNECTIONS = 16;
const KINDS: readonly { unit: string; count: number; warmUps: number; prepare: Prepare }[] = [
  { unit: 'offers', count: 8000, warmUps: 3, prepare: offers },
  // Fewer, because a client answers its offer soon, and no server has more than some thousands open.
  { unit: 'exchanges', count: 4000, warmUps: 3, prepare: exchanges },
  // A JavaScript engine goes on compiling for the first fifty thousand messages.
  { unit: 'messages', count: 8000, warmUps: 6, prepare: messages },
];

export const area: Area = (options) =>
  runPart({ name: 'channel-http', title: 'channel: the seeds’ encrypted endpoint over HTTP' }, options, run);

interface Running extends StartedServer {
  name: string;
  connections: readonly HttpConnection[];
}

async function run(scene: Scene): Promise<Outcome> {
  const contenders = KNOWN.filter(({ version }) => version() !== undefined);
  const servers: Running[] = [];
  for (const contender of contenders) servers.push(await start(contender, scene));
  const paragraphs: string[] = [];
  let errors = 0;
  for (const kind of KINDS) {
    const rows = await measureKind(kind, servers, scene);
    errors += rows.reduce((sum, { samples }) => sum + errorsOf(samples), 0);
    paragraphs.push(resultsTable(rows, { unit: kind.unit }));
  }
  return {
    paragraphs: [occasion(contenders), conditions(scene), ...paragraphs, ...missingLines(KNOWN)],
    isSound: errors === 0,
  };
}

async function start(contender: Server, scene: Scene): Promise<Running> {
  const { program, port } = await contender.start(await siteOf(contender, scene));
  const connections = Array.from({ length: CONNECTIONS }, () =>
    createHttpConnection({ host: '127.0.0.1', port }),
  );
  scene.stack.defer(() => {
    for (const connection of connections) connection.close();
  });
  const [first] = connections;
  const isThere = async () => {
    program.assertRunning();
    const answer = first?.exchange({ method: 'GET', target: '/encrypted/' });
    return (
      answer?.then(
        ({ status }) => status === 200,
        () => false,
      ) ?? false
    );
  };
  await poll(isThere, { what: `the start of ${contender.name}`, signal: scene.signal });
  return { name: contender.name, program, port, connections };
}

async function measureKind(
  { unit, count, warmUps, prepare }: (typeof KINDS)[number],
  servers: readonly Running[],
  scene: Scene,
): Promise<{ name: string; samples: Sample[] }[]> {
  const samples = new Map<Running, Sample[]>(servers.map((server) => [server, []]));
  for (const server of servers) {
    for (let warmUp = 0; warmUp < warmUps; warmUp += 1) await sampleOf(server, { count, prepare }, scene);
  }
  for (let round = 0; round < scene.rounds; round += 1) {
    for (const server of orderOfRound(servers, round)) {
      const sample = await sampleOf(server, { count, prepare }, scene);
      samples.get(server)?.push(sample);
      const work = Math.round(sample.requestsPerCpuSecond);
      console.log(`round ${round + 1} of ${scene.rounds}: ${server.name}: ${work} ${unit} per CPU-second`);
    }
  }
  return [...samples].map(([{ name }, own]) => ({ name, samples: own }));
}

/** The preparation is not measured. */
async function sampleOf(
  { name, program, connections }: Running,
  { count, prepare }: { count: number; prepare: Prepare },
  { signal }: Scene,
): Promise<Sample> {
  const work = await prepare(connections, count);
  return measure({ name, program, load: () => sendAll(connections, work, signal) }, 0, signal);
}

/** Each message once, one after another on each connection. */
async function sendAll(
  connections: readonly HttpConnection[],
  { messages: prepared, check }: Work,
  signal: AbortSignal,
): Promise<LoadResult> {
  const latenciesMs: number[] = [];
  const begin = performance.now();
  let next = 0;
  let errors = 0;
  const sendSome = async (connection: HttpConnection) => {
    for (let message = prepared[next++]; message; message = prepared[next++]) {
      signal.throwIfAborted();
      const start = performance.now();
      try {
        check(await connection.exchange(message));
        latenciesMs.push(performance.now() - start);
      } catch (error) {
        errors += 1;
        console.error(error instanceof Error ? error.message : error);
      }
    }
  };
  await Promise.all(connections.map(sendSome));
  const sorted = latenciesMs.toSorted((a, b) => a - b);
  return {
    requests: sorted.length,
    requestsPerSecond: sorted.length / ((performance.now() - begin) / 1000),
    p50Ms: quantile(sorted, 0.5),
    p99Ms: quantile(sorted, 0.99),
    errors,
  };
}

function conditions({ rounds }: Scene): string {
  return [
    `HTTP/1.1 without TLS, ${CONNECTIONS} kept connections. Everything that a request needs is made beforehand: an offer for each key, another`,
    'token of 200 bytes for each message. Every answer is read and compared. Tornado is the server that the seeds describe, with X25519 and',
    'Fernet of pyca; it accepts a message any number of times. Gatehouse is `createEncryptedHandler` on node:http. It accepts each message once,',
    'which it remembers, and in its time; in the second row it also signs each offer with P-256.',
    `Median (least–most) of ${rounds} interleaved rounds of ${KINDS.map(({ count, unit }) => `${count} ${unit}`).join(', ')}, after ${KINDS.map(({ warmUps }) => warmUps).join(', ')} of the same.`,
    'CPU time is that of all processes and threads of a contender, user and system; memory is their proportional set size.',
  ].join(' ');
}

// Bodies of 100 MB through the proxy, down and up: megabytes per second of processor time. The received
// octets are compared with those sent.
import type { Area } from '../../harness/area.ts';
import type { BodyClient, Direction } from '../../harness/body-client.ts';
import { createBodyClient } from '../../harness/body-client.ts';
import { BODY_BYTES, startBodyUpstream } from '../../harness/body-upstream.ts';
import { caddy } from '../../harness/contenders/caddy.ts';
import { gatehouse, gatehouseVariants } from '../../harness/contenders/gatehouse.ts';
import { haproxy } from '../../harness/contenders/haproxy.ts';
import { nginx } from '../../harness/contenders/nginx.ts';
import { layOutCores } from '../../harness/cores.ts';
import { freePorts } from '../../harness/free-port.ts';
import { loadConnections } from '../../harness/load.ts';
import { errorsOf, resultsTable } from '../../harness/results-table.ts';
import type { Subject } from '../../harness/rounds.ts';
import { measureRounds } from '../../harness/rounds.ts';
import { missingLines, occasion, roundsLine, runPart } from '../../harness/scene.ts';
import type { Serving } from './site.ts';
import { presentOf, startServing } from './site.ts';

const CONNECTIONS = 4;
const WARM_UP_SECONDS = 1;
const MEGABYTES = BODY_BYTES / 1e6;
const UNIT = 'MB';

export const area: Area = (options) =>
  runPart({ name: 'gateway-bodies', title: 'gateway: large bodies' }, options, async (scene) => {
    const contenders = [...gatehouseVariants(options).map(gatehouse), nginx, haproxy, caddy];
    const layout = layOutCores('one', scene.stack);
    const [upstreamPort = 0] = await freePorts(1);
    startBodyUpstream(upstreamPort, scene.stack);
    const served: Served[] = [];
    for (const contender of presentOf(contenders)) {
      const serving = await startServing(contender, { layout, accessLog: false, upstreamPort }, scene);
      const client = createBodyClient(serving.target);
      scene.stack.defer(client.close);
      await client.check();
      served.push({ ...serving, client });
    }
    const tables: string[] = [];
    let isSound = true;
    for (const direction of ['down', 'up'] as const) {
      const subjects = served.map((one) => subjectOf(one, direction));
      const rounds = { ...scene, unit: UNIT, warmUpSeconds: WARM_UP_SECONDS, say: console.log };
      const samples = await measureRounds(subjects, rounds);
      const rows = [...samples].map(([{ name }, own]) => ({ name, samples: own }));
      tables.push(`${MEGABYTES} MB ${direction}:`, resultsTable(rows, { unit: UNIT }));
      isSound &&= rows.every((row) => errorsOf(row.samples) === 0);
    }
    for (const { client } of served) await client.check();
    const conditions = [
      `TLS 1.3, ${CONNECTIONS} kept connections, ${layout.words}, no access logs. The length of each body is in its head; before and`,
      `after, its SHA-256 is compared at the other end. Times are for a whole body. ${roundsLine(scene, WARM_UP_SECONDS)}`,
    ].join(' ');
    return {
      paragraphs: [occasion(presentOf(contenders)), conditions, ...tables, ...missingLines(contenders)],
      isSound,
    };
  });

interface Served extends Serving {
  client: BodyClient;
}

/** A piece of work is one body, but the result counts megabytes. */
function subjectOf({ client, ...serving }: Served, direction: Direction): Subject {
  const failed = (reason: string) => console.log(`${serving.name}: ${reason}`);
  return {
    ...serving,
    async load(duration) {
      const work = () => client.transfer(direction);
      const result = await loadConnections({ ...duration, connections: CONNECTIONS, failed }, work);
      return {
        ...result,
        requests: result.requests * MEGABYTES,
        requestsPerSecond: result.requestsPerSecond * MEGABYTES,
      };
    },
  };
}

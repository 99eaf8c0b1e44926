// Full TLS 1.3 handshakes, each on a new connection with one GET: the cost of a client without an open
// connection. wrk cannot measure it, because it resumes the session of a closed connection.
import type { Area } from '../../harness/area.ts';
import { caddy } from '../../harness/contenders/caddy.ts';
import { gatehouse, gatehouseVariants } from '../../harness/contenders/gatehouse.ts';
import { haproxy } from '../../harness/contenders/haproxy.ts';
import { nginx } from '../../harness/contenders/nginx.ts';
import { layOutCores } from '../../harness/cores.ts';
import { createHandshakes } from '../../harness/handshakes.ts';
import { loadConnections } from '../../harness/load.ts';
import { errorsOf, resultsTable } from '../../harness/results-table.ts';
import type { Subject } from '../../harness/rounds.ts';
import { measureRounds } from '../../harness/rounds.ts';
import { missingLines, occasion, roundsLine, runPart } from '../../harness/scene.ts';
import { CIPHER, GROUP } from '../../harness/tls-files.ts';
import type { Serving } from './site.ts';
import { BODY, checkWork, presentOf, startOneUpstream, startServing } from './site.ts';

const CONNECTIONS = 16;
const WARM_UP_SECONDS = 2;
const UNIT = 'handshakes';

export const area: Area = (options) =>
  runPart({ name: 'gateway-handshakes', title: 'gateway: full handshakes' }, options, async (scene) => {
    const contenders = [...gatehouseVariants(options).map(gatehouse), nginx, haproxy, caddy];
    const layout = layOutCores('one', scene.stack);
    const setting = { layout, accessLog: false, upstreamPort: await startOneUpstream(scene) };
    const subjects: Subject[] = [];
    for (const contender of presentOf(contenders)) {
      const serving = await startServing(contender, setting, scene);
      await checkWork(serving);
      subjects.push(subjectOf(serving));
    }
    const rounds = { ...scene, unit: UNIT, warmUpSeconds: WARM_UP_SECONDS, say: console.log };
    const samples = await measureRounds(subjects, rounds);
    const rows = [...samples].map(([{ name }, own]) => ({ name, samples: own }));
    const conditions = [
      `TLS 1.3 (${CIPHER}, ${GROUP}, chain of two P-256 certificates), ${CONNECTIONS} connections at a time, ${layout.words}. Each is a full`,
      `handshake, one GET with \`Connection: close\` that is answered with ${BODY.length} bytes, and the end; the client sees that no`,
      `session is resumed. No access logs. ${roundsLine(scene, WARM_UP_SECONDS)}`,
    ].join(' ');
    return {
      paragraphs: [
        occasion(presentOf(contenders)),
        conditions,
        resultsTable(rows, { unit: UNIT }),
        ...missingLines(contenders),
      ],
      isSound: rows.every((row) => errorsOf(row.samples) === 0),
    };
  });

function subjectOf(serving: Serving): Subject {
  const handshake = createHandshakes(serving.target, BODY);
  const failed = (reason: string) => console.log(`${serving.name}: ${reason}`);
  return {
    ...serving,
    load: (duration) => loadConnections({ ...duration, connections: CONNECTIONS, failed }, handshake),
  };
}

// The gateway as a TLS 1.3 proxy beside nginx, HAProxy and Caddy: requests per second of processor time, in
// front of one upstream.
import type { Area } from '../../harness/area.ts';
import { caddy } from '../../harness/contenders/caddy.ts';
import { gatehouse, gatehouseVariants } from '../../harness/contenders/gatehouse.ts';
import { haproxy } from '../../harness/contenders/haproxy.ts';
import { nginx } from '../../harness/contenders/nginx.ts';
import { missingLines, occasion, roundsLine, runPart } from '../../harness/scene.ts';
import { CIPHER } from '../../harness/tls-files.ts';
import { CONNECTIONS, THREADS } from '../../harness/wrk.ts';
import { BODY, presentOf } from './site.ts';
import { conditionsOf, measureTables, WARM_UP_SECONDS } from './table.ts';

const CONDITIONS = [
  { cores: 'one', accessLog: false },
  { cores: 'one', accessLog: true },
  { cores: 'all', accessLog: false },
] as const;

export const area: Area = (options) =>
  runPart({ name: 'gateway', title: 'gateway: a plain TLS proxy' }, options, async (scene) => {
    const contenders = [...gatehouseVariants(options).map(gatehouse), nginx, haproxy, caddy];
    const tables = await measureTables(scene, contenders, conditionsOf(options, CONDITIONS));
    const conditions = [
      `TLS 1.3 (${CIPHER}, P-256 certificates, as all clients offer), HTTP/1.1, ${CONNECTIONS} kept connections from ${THREADS} wrk threads,`,
      `${BODY.length} bytes from one nginx upstream on loopback. Gatehouse is started by its own command.`,
      roundsLine(scene, WARM_UP_SECONDS),
    ];
    return {
      paragraphs: [
        occasion(presentOf(contenders)),
        conditions.join(' '),
        ...tables.paragraphs,
        ...missingLines(contenders),
      ],
      isSound: tables.isSound,
    };
  });

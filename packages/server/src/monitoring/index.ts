// Monitoring: collects the measurements of all parts of the server, and answers /healthz, /readyz and
// /metrics. Also has the log of TLS handshakes, and limits the size of the access log.
import type { GatewayRoute, NamedIdentity, ServerIdentity } from '@gatehouse/access';
import type { HandshakeFacts, ProcessReport } from '@gatehouse/dataplane';
import type { Supervisor } from '../gateway/index.ts';
import { createTraffic } from '../gateway/index.ts';
import type { Feed } from '../platform/feed/feed.ts';
import type { Route } from '../platform/http/route.ts';
import type { Metric } from '../platform/metric.ts';
import { createLabelledSums } from '../platform/metric.ts';
import type { Database } from '../platform/store/database.ts';
import { canWrite, storeFileMetrics } from '../platform/store/store-activity.ts';
import { createFactCounts } from './fact-counts.ts';
import { createReadiness } from './readiness.ts';
import { monitoringRoutes } from './routes.ts';
import { serverMetrics } from './server-metrics.ts';

export { accessLogRotation } from './access-log-rotation.ts';
export type { HandshakeLog } from './handshake-log.ts';
export { createHandshakeLog } from './handshake-log.ts';
export type { Handshake } from './handshake-routes.ts';
export { handshakeRoutes } from './handshake-routes.ts';

export interface MonitoringDeps {
  database: Database;
  feed: Feed;
  /** The database's file. */
  databasePath: string;
  version: string;
}

export interface Monitoring {
  /** Takes the report of a worker. */
  counted(worker: number, report: ProcessReport): void;
  exited(worker: number): void;
  /** Counts a fact of the gateway until it is recorded. */
  recording(recorded: Promise<void>): Promise<void>;
  /** Counts a handshake with the control listener. */
  controlHandshake(facts: HandshakeFacts): void;
  routes(start: MonitoringStart): Route[];
  /** Makes /readyz say that the server drains. */
  drain(): void;
}

export interface MonitoringStart {
  gateway: Pick<Supervisor, 'workers'>;
  /** The metrics of the capabilities. */
  metrics: readonly Metric[];
  /** Who may read the metrics. */
  access: 'authenticated' | 'public';
}

export function createMonitoring(deps: MonitoringDeps): Monitoring {
  const { database, feed, databasePath, version } = deps;
  const handshakes = createLabelledSums();
  const traffic = createTraffic(handshakes);
  const facts = createFactCounts();
  let isDraining = false;

  function entriesOf<V>(section: string): Iterable<V> {
    const found = feed.sections.find(({ name }) => name === section);
    return (found?.entries.values() ?? []) as Iterable<V>;
  }

  return {
    ...traffic,
    recording: facts.watch,
    controlHandshake({ version, resumed, failure }) {
      const result = failure !== null ? 'failed' : resumed ? 'resumed' : 'full';
      handshakes.add({ listener: 'control', version: version ?? 'none', result }, 1);
    },
    routes({ gateway, metrics, access }) {
      const readiness = createReadiness({
        workers: gateway.workers,
        isStoreFailing: () => database.activity.isFailing,
        canStoreWrite: () => canWrite(database, databasePath),
        isDraining: () => isDraining,
        now: () => performance.now(),
      });
      const identities = () => entriesOf<ServerIdentity | NamedIdentity>('tls');
      return monitoringRoutes({
        readiness,
        access,
        metrics: [
          ...serverMetrics({ version, workers: gateway.workers, facts, handshakes, identities }),
          ...traffic.metrics(() => entriesOf<GatewayRoute>('routes')),
          ...database.activity.metrics(),
          ...storeFileMetrics(databasePath),
          ...metrics,
        ],
      });
    },
    drain() {
      isDraining = true;
    },
  };
}

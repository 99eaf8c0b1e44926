// Adds up the reports of the workers (docs/wire/data-plane-link.md). The server has the sums, so they never
// decrease when a worker is replaced. The next scrape forgets routes that are no longer configured.
import type { ProcessReport } from '@gatehouse/dataplane';
import type { LabelledSums, Metric } from '../../platform/metric.ts';
import { createLabelledSums } from '../../platform/metric.ts';
import { outcomeMetrics, processMetrics, routeMetrics, upstreamMetrics } from './traffic-metrics.ts';
import { addReport, type ConfiguredRoute, forgetOthers, type Sums } from './traffic-sums.ts';

export interface Traffic {
  counted(worker: number, report: ProcessReport): void;
  /** Called when the process of this worker has ended: it has no open connections. */
  exited(worker: number): void;
  /** `routes` gives those that are configured now. */
  metrics(routes: () => Iterable<ConfiguredRoute>): Metric[];
}

/** `handshakes` gets the handshakes of the gateway. The control listener counts its own there. */
export function createTraffic(handshakes: Pick<LabelledSums, 'add'>): Traffic {
  const sums: Sums = {
    routes: new Map(),
    connects: createLabelledSums(),
    connectFailures: createLabelledSums(),
    handshakes,
    outcomes: createLabelledSums(),
    cpu: createLabelledSums(),
    latest: new Map(),
  };
  return {
    counted: (worker, report) => addReport(sums, worker, report),
    exited: (worker) => void sums.latest.delete(worker),
    metrics(configured) {
      // Frequent changes of the configuration must not leave old routes and upstreams in memory.
      const current = () => {
        forgetOthers(sums, [...configured()]);
        return sums;
      };
      return [
        ...routeMetrics(current),
        ...upstreamMetrics(current),
        ...outcomeMetrics(sums),
        ...processMetrics(sums),
      ];
    },
  };
}

// Adds up what the workers report (docs/wire/data-plane-link.md). The sums belong to the server, so they
// never go back when a worker is replaced. Routes that are configured no longer are forgotten at the next
// reading.
import type { ProcessReport } from '@gatehouse/dataplane';
import type { LabelledSums, Metric } from '../platform/metric.ts';
import { createLabelledSums } from '../platform/metric.ts';
import { outcomeMetrics, processMetrics, routeMetrics, upstreamMetrics } from './traffic-metrics.ts';
import { addReport, type ConfiguredRoute, forgetOthers, type Sums } from './traffic-sums.ts';

export interface Traffic {
  counted(worker: number, report: ProcessReport): void;
  /** The process of this worker has ended: what it has open now is nothing. */
  exited(worker: number): void;
  /** `routes` gives those that are configured now. */
  metrics(routes: () => Iterable<ConfiguredRoute>): Metric[];
}

/** `handshakes` gets those with the gateway; the control listener counts its own there. */
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
      // A configuration that is replaced often must not leave its old routes and upstreams behind.
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

// Counts the results of orders, for the metrics.
import type { Projection } from '../../platform/feed/feed.ts';
import type { Metric } from '../../platform/metric.ts';
import { createLabelledSums } from '../../platform/metric.ts';

export interface OrderCounts {
  /** Called when a created order is on disk. */
  created(): void;
  /** Counts the events of orders. */
  projection: Projection;
  metric: Metric;
}

const OUTCOMES: Readonly<Record<string, string>> = {
  'acme.order_finalized': 'finalized',
  'acme.finalization_refused': 'refused',
  'acme.challenge_failed': 'challenge_failed',
};

export function createOrderCounts(): OrderCounts {
  const sums = createLabelledSums();
  for (const outcome of ['created', ...Object.values(OUTCOMES)]) sums.add({ outcome }, 0);
  return {
    created: () => sums.add({ outcome: 'created' }, 1),
    projection: {
      name: 'counts of ACME orders',
      async build() {},
      advance(events) {
        for (const { type } of events) {
          const outcome = OUTCOMES[type];
          if (outcome !== undefined) sums.add({ outcome }, 1);
        }
      },
    },
    metric: {
      name: 'gatehouse_acme_orders_total',
      help: 'ACME orders that were created and finalized, finalizations that were refused, and challenges that failed.',
      kind: 'counter',
      read: sums.samples,
    },
  };
}

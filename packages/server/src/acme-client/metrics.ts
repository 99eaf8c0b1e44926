// How often orders at ACME directories succeed and fail. Until when certificates are valid is a metric of the
// server, for all that the gateway presents.
import type { Metric } from '../platform/metric.ts';

export interface OrderCounts {
  count(result: 'obtained' | 'failed'): void;
  metric: Metric;
}

export function createOrderCounts(): OrderCounts {
  const counts = { obtained: 0, failed: 0 };
  return {
    count(result) {
      counts[result] += 1;
    },
    metric: {
      name: 'gatehouse_acme_client_orders_total',
      help: 'Orders of certificates for our own listener at ACME directories (gateway.acme), by result.',
      kind: 'counter',
      read: () => Object.entries(counts).map(([result, value]) => ({ labels: { result }, value })),
    },
  };
}

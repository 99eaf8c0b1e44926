// Counts the orders at ACME directories that succeed and fail. The expiry of certificates is another metric
// of the server, for all certificates of the gateway.
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

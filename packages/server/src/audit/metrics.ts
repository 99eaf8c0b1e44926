// The ledger's metrics: its head, and what was recorded since the start by type.

import type { Projection } from '../platform/feed/feed.ts';
import type { Metric } from '../platform/metric.ts';
import { createLabelledSums, single } from '../platform/metric.ts';
import type { Database } from '../platform/store/database.ts';

export interface LedgerMetrics {
  /** Counts the entries. */
  projection: Projection;
  metrics: Metric[];
}

export function createLedgerMetrics({ read, lastSeq }: Pick<Database, 'read' | 'lastSeq'>): LedgerMetrics {
  const entries = createLabelledSums();
  return {
    projection: {
      name: 'counts of ledger entries',
      async build() {},
      advance(events) {
        for (const { type, outcome } of events) entries.add({ type, outcome }, 1);
      },
    },
    metrics: [
      single({
        name: 'gatehouse_ledger_head',
        help: 'The number of the last entry of the ledger.',
        kind: 'gauge',
        value: () => lastSeq(read),
      }),
      {
        name: 'gatehouse_ledger_entries_total',
        help: 'Entries of the ledger since the start, by type and outcome.',
        kind: 'counter',
        read: entries.samples,
      },
    ],
  };
}

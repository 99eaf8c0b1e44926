// The ledger's metrics: its head, the number of entries since the start by type, whether it was altered, and
// the last backup.

import type { Projection } from '../platform/feed/feed.ts';
import type { Metric } from '../platform/metric.ts';
import { createLabelledSums, single } from '../platform/metric.ts';
import type { Database } from '../platform/store/database.ts';
import type { AuditStore } from './store.ts';

export interface LedgerMetrics {
  /** Counts the entries. */
  projection: Projection;
  metrics: Metric[];
}

export function createLedgerMetrics(
  { read, lastSeq }: Pick<Database, 'read' | 'lastSeq'>,
  store: Pick<AuditStore, 'lastBackup'>,
): LedgerMetrics {
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
      single({
        name: 'gatehouse_backup_started_seconds',
        help: 'When the last backup of the running server began, as a Unix time; 0: never.',
        kind: 'gauge',
        value: async () => ((await store.lastBackup()) ?? 0) / 1000,
      }),
    ],
  };
}

/** Whether the check of this start found an altered entry. */
export function alteredMetric(isAltered: () => boolean): Metric {
  return single({
    name: 'gatehouse_ledger_altered',
    help: 'Whether the check of this start found an entry of the ledger that was altered; 1: yes.',
    kind: 'gauge',
    value: () => Number(isAltered()),
  });
}

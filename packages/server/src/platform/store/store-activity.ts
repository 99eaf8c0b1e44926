// The activity of the store, for its metrics and for /readyz: how long commits take, and whether the last one
// failed.
import { statSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { GatehouseError, isDiskFull } from '@gatehouse/access';
import { sql } from 'kysely';
import type { Metric, Sample } from '../metric.ts';
import { createHistogram, single } from '../metric.ts';
import type { Tx } from './transaction.ts';

export interface StoreActivity {
  /** `acts` of the commit succeeded. */
  committed(seconds: number, acts: number): void;
  /** Called if a commit failed with this error, which is one of ours. */
  failed(error: unknown): void;
  /** Calls `report` when a commit finds the disk full, once until the store can write again. */
  whenFull(report: () => void): void;
  /** Whether the last attempt to write failed. */
  readonly isFailing: boolean;
  metrics(): Metric[];
}

// Space for one page may not be enough for an act.
const NEEDED_BYTES = 256 * 1024;
const BOUNDS_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export function createStoreActivity(): StoreActivity {
  const commits = createHistogram(BOUNDS_SECONDS);
  let acts = 0;
  let failures = 0;
  let isFailing = false;
  let reportFull = () => {};
  return {
    committed(seconds, count) {
      commits.observe(seconds);
      acts += count;
      // A commit without acts has written nothing, so it proves nothing.
      if (count > 0) isFailing = false;
    },
    failed(error) {
      if (!(error instanceof GatehouseError) || !error.code.startsWith('store_')) return;
      failures += 1;
      if (!isFailing && isDiskFull(error)) reportFull();
      isFailing = true;
    },
    whenFull(report) {
      reportFull = report;
    },
    get isFailing() {
      return isFailing;
    },
    metrics: () => [
      {
        name: 'gatehouse_store_commit_duration_seconds',
        help: 'Commits of the store, from the first act to the disk.',
        kind: 'histogram',
        read: () => [commits.sample()],
      },
      single({
        name: 'gatehouse_store_acts_total',
        help: 'Acts that were committed. Those that come together share a commit.',
        kind: 'counter',
        value: () => acts,
      }),
      single({
        name: 'gatehouse_store_failed_commits_total',
        help: 'Commits that failed because the disk was full or broken.',
        kind: 'counter',
        value: () => failures,
      }),
    ],
  };
}

/** The sizes of the database and its log, and the free space on their disk. */
export function storeFileMetrics(path: string): Metric[] {
  return [
    {
      name: 'gatehouse_store_size_bytes',
      help: 'The size of the database, and of its write-ahead log.',
      kind: 'gauge',
      read: () => [sizeOf('database', path), sizeOf('log', `${path}-wal`)],
    },
    single({
      name: 'gatehouse_store_free_bytes',
      help: 'Free space on the disk of the data folder.',
      kind: 'gauge',
      async value() {
        const { bavail, bsize } = await statfs(dirname(path));
        return bavail * bsize;
      },
    }),
  ];
}

function sizeOf(file: string, path: string): Sample {
  return { labels: { file }, value: statSync(path, { throwIfNoEntry: false })?.size ?? 0 };
}

/**
 * Checks whether the store can write again: there is space for a few acts, and an unchanged page of the
 * database can be written.
 */
export async function canWrite(
  store: { write(act: (tx: Tx) => Promise<unknown>): Promise<unknown> },
  path: string,
): Promise<boolean> {
  const { bavail, bsize } = await statfs(dirname(path));
  if (bavail * bsize < NEEDED_BYTES) return false;
  // Nothing reads this number, and SQLite writes the page also if it does not change.
  return store
    .write((tx) => sql`PRAGMA user_version = 0`.execute(tx))
    .then(
      () => true,
      () => false,
    );
}

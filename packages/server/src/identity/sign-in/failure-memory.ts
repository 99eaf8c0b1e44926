// The counts of failed sign-ins in the store. Changes during a write wait, and are written together next.
import type { Clock } from '@gatehouse/access';
import type { Bucket } from '../../platform/limits/token-buckets.ts';
import type { Log } from '../../platform/log/log.ts';
import type { Database } from '../../platform/store/database.ts';
import type { StoredFailure } from '../store/failure-queries.ts';
import type { IdentityStore } from '../store/store.ts';

export interface FailureMemory {
  /** The stored counts of an earlier process for this limit. */
  of(limit: string): readonly (readonly [key: string, bucket: Bucket])[];
  /** Stores a bucket; undefined removes it. */
  note(limit: string, key: string, bucket: (Bucket & { fullAt: number }) | undefined): void;
  /** Resolves when all changes are on disk, or could not be written. Never rejects. */
  written(): Promise<void>;
}

export interface FailureMemoryDeps {
  database: Database;
  store: Pick<IdentityStore, 'failures' | 'replaceFailures'>;
  clock: Clock;
  log: Log;
}

export async function openFailureMemory(deps: FailureMemoryDeps): Promise<FailureMemory> {
  const { database, store, clock, log } = deps;
  const stored = Map.groupBy(await store.failures(database.read, clock.now()), ({ limit }) => limit);
  let changed = new Map<string, StoredFailure>();
  let last: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;

  async function write(): Promise<void> {
    next = undefined;
    const rows = [...changed.values()];
    changed = new Map();
    await database.write((tx) => store.replaceFailures(tx, rows, clock.now()));
  }

  function writeSoon(): Promise<void> {
    // Changes that come before the previous write has ended are part of this write.
    next ??= last.then(write).catch((error: unknown) => log.event('identity.failures_not_stored', { error }));
    last = next;
    return next;
  }

  return {
    of(limit) {
      const rows = stored.get(limit) ?? [];
      stored.delete(limit);
      return rows.map(({ key, tokens, at }) => [key, { tokens, at }]);
    },
    note(limit, key, bucket) {
      const { tokens = 0, at = 0, fullAt = 0 } = bucket ?? {};
      changed.set(`${limit} ${key}`, { limit, key, tokens, at, endsAt: fullAt });
      writeSoon();
    },
    written: () => last,
  };
}

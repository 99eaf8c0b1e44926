// One state of the database, copied while the server continues to write. A read transaction preserves that
// state, and SQLite copies it page by page in another thread (sqlite.org/backup.html). Until the transaction
// ends, the write-ahead log grows.
import { backup, DatabaseSync } from 'node:sqlite';
import type { LedgerHead } from '../platform/ledger/ledger-head.ts';
import { ledgerHeadIn } from '../platform/ledger/ledger-head.ts';

export interface Snapshot {
  readonly head: LedgerHead;
  /** Copies it to a new file. */
  copyTo(path: string): Promise<void>;
  close(): void;
}

/** The pages of one step. A writer waits for one step at most. */
const PAGES_PER_STEP = 500;

export function openSnapshot(databasePath: string): Snapshot {
  const source = new DatabaseSync(databasePath, { timeout: 5000 });
  try {
    source.exec('BEGIN');
    const head = ledgerHeadIn(source);
    return {
      head,
      async copyTo(path) {
        await backup(source, path, { rate: PAGES_PER_STEP });
      },
      close: () => source.close(),
    };
  } catch (error) {
    source.close();
    throw error;
  }
}

// The store: SQLite in the data folder. One connection writes, another reads what is committed. Acts that arrive while a
// commit is under way share the next one (group commit), so many answers cost one fsync; each act has its own savepoint
// and fails alone. `synchronous=FULL` is said aloud: WAL with NORMAL loses acknowledged rows when the power goes.
import { DatabaseSync } from 'node:sqlite';
import { Kysely } from 'kysely';
import { GatehouseError } from './errors.ts';
import { createSqliteDialect } from './sqlite-dialect.ts';

/** A connection without tables: a capability's store adds its own with `withTables`. */
export type Connection = Kysely<Record<never, never>>;

/** The connection of the transaction under way. Await nothing but queries while holding it. */
export type Tx = Connection;

export interface Database {
  readonly read: Connection;
  /** Runs `act` in a transaction; resolves after it is on disk. Throws what `act` throws, or `store_full`, `store_failed`. */
  write<T>(act: (tx: Tx) => Promise<T>): Promise<T>;
  /** Waits for the acts that were accepted, then closes; once more does nothing. */
  close(): Promise<void>;
}

interface PendingAct {
  run(tx: Tx): Promise<void>;
  settle(): void;
  fail(error: unknown): void;
}

export function openDatabase(path: string): Database {
  const writer = connect(path);
  const reader = connect(path);
  const tx: Tx = new Kysely({ dialect: createSqliteDialect(writer) });
  const read: Connection = new Kysely({ dialect: createSqliteDialect(reader) });
  const pending: PendingAct[] = [];
  let committing: Promise<void> | undefined;
  let closed = false;

  async function commitPending(): Promise<void> {
    while (pending.length > 0) {
      // One turn of the event loop gathers what arrives together, and is everyone else's turn too.
      await new Promise((resolve) => setImmediate(resolve));
      await commitBatch(writer, tx, pending.splice(0));
    }
    committing = undefined;
  }

  return {
    read,
    write(act) {
      if (closed) return Promise.reject(new GatehouseError('unavailable', 'The server is shutting down.'));
      return new Promise((resolve, reject) => {
        pending.push(pendingAct(act, resolve, reject));
        committing ??= commitPending();
      });
    },
    async close() {
      closed = true;
      await committing;
      await Promise.all([read.destroy(), tx.destroy()]);
      // The last to close brings the log into the database; where the disk is too full for that, the log stays and counts.
      for (const connection of [reader, writer]) if (connection.isOpen) connection.close();
    },
  };
}

function connect(path: string): DatabaseSync {
  try {
    const connection = new DatabaseSync(path, { timeout: 5000, enableForeignKeyConstraints: true });
    connection.exec('PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA trusted_schema=OFF;');
    return connection;
  } catch (error) {
    throw storeError(error);
  }
}

function pendingAct<T>(
  act: (tx: Tx) => Promise<T>,
  resolve: (value: T) => void,
  reject: (error: unknown) => void,
): PendingAct {
  let result: T;
  return {
    async run(tx) {
      result = await act(tx);
    },
    settle: () => resolve(result),
    fail: reject,
  };
}

async function commitBatch(writer: DatabaseSync, tx: Tx, batch: PendingAct[]): Promise<void> {
  const succeeded: PendingAct[] = [];
  try {
    writer.exec('BEGIN IMMEDIATE');
    for (const act of batch) if (await runInSavepoint(writer, tx, act)) succeeded.push(act);
    writer.exec('COMMIT');
  } catch (error) {
    if (writer.isTransaction) writer.exec('ROLLBACK');
    // An act that failed by itself was told so; the others must hear that nothing was kept.
    for (const act of batch) act.fail(storeError(error));
    return;
  }
  for (const act of succeeded) act.settle();
}

async function runInSavepoint(writer: DatabaseSync, tx: Tx, act: PendingAct): Promise<boolean> {
  writer.exec('SAVEPOINT act');
  try {
    await act.run(tx);
    writer.exec('RELEASE act');
    return true;
  } catch (error) {
    // SQLite ends the whole transaction by itself when the disk is full.
    if (!writer.isTransaction) throw error;
    writer.exec('ROLLBACK TO act; RELEASE act');
    act.fail(isSqliteError(error) ? storeError(error) : error);
    return false;
  }
}

interface SqliteError extends Error {
  errcode: number;
}

function isSqliteError(error: unknown): error is SqliteError {
  return error instanceof Error && 'errcode' in error;
}

const SQLITE_FULL = 13;
const SQLITE_CONSTRAINT = 19;

/** SQLite's failure as one of ours. The primary result code is the low byte (sqlite.org/rescode.html). */
function storeError(error: unknown): unknown {
  if (!isSqliteError(error)) return error;
  const primary = error.errcode & 0xff;
  if (primary === SQLITE_FULL) {
    return new GatehouseError('store_full', 'The disk is full: free space on it, then try again.', {
      cause: error,
    });
  }
  if (primary === SQLITE_CONSTRAINT) {
    return new GatehouseError('conflict', 'It conflicts with what is stored.', { cause: error });
  }
  return new GatehouseError('store_failed', `The database failed: ${error.message}.`, { cause: error });
}

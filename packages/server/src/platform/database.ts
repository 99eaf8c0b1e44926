// The store: SQLite in the data folder. One connection writes, another reads what is committed. Acts that arrive while a
// commit is under way share the next one (group commit), so many answers cost one fsync; each act has its own savepoint
// and fails alone. `synchronous=FULL` is said aloud: WAL with NORMAL loses acknowledged rows when the power goes.
import { DatabaseSync } from 'node:sqlite';
import { GatehouseError } from './errors.ts';
import type { PendingAct } from './pending-acts.ts';
import { createPendingActs, pendingAct } from './pending-acts.ts';
import type { Connection } from './sqlite-connection.ts';
import { connectKysely } from './sqlite-connection.ts';

export type { Connection } from './sqlite-connection.ts';

/** The connection of the transaction under way. Await nothing but queries while holding it. */
export type Tx = Connection;

export interface Database {
  readonly read: Connection;
  /** Runs `act` in a transaction; resolves after it is on disk. Throws what `act` throws, or `store_full`, `store_failed`. */
  write<T>(act: (tx: Tx) => Promise<T>): Promise<T>;
  /** Whoever keeps in memory what follows from the tables takes part in each commit. */
  join(participant: Participant): void;
  /** Waits for the acts that were accepted, then closes; once more does nothing. */
  close(): Promise<void>;
}

export interface Participant {
  /** A commit begins; what is in the tables may be another's since the last one. */
  begin(): void;
  /** Before each act. What it gives back is called when that act leaves nothing. */
  mark(): () => void;
  /** The last that the transaction does. What it throws, every act of this commit hears. */
  beforeCommit(tx: Tx): Promise<void>;
}

export function openDatabase(path: string): Database {
  const writer = connect(path);
  const reader = connect(path);
  const tx: Tx = connectKysely(writer);
  const read: Connection = connectKysely(reader);
  const pending = createPendingActs();
  const participants: Participant[] = [];
  const statements = prepareStatements(writer);
  let committing: Promise<void> | undefined;
  let closed = false;

  async function commitPending(): Promise<void> {
    while (!pending.isEmpty()) {
      await commitBatch({ writer, tx, statements, participants }, await pending.gather());
    }
    committing = undefined;
  }

  return {
    read,
    write(act) {
      if (closed) return Promise.reject(new GatehouseError('unavailable', 'The server is shutting down.'));
      return new Promise((resolve, reject) => {
        pending.add(pendingAct(act, resolve, reject));
        committing ??= commitPending();
      });
    },
    join: (participant) => void participants.push(participant),
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

type Statements = ReturnType<typeof prepareStatements>;

function prepareStatements(writer: DatabaseSync) {
  return {
    begin: writer.prepare('BEGIN IMMEDIATE'),
    commit: writer.prepare('COMMIT'),
    savepoint: writer.prepare('SAVEPOINT act'),
    release: writer.prepare('RELEASE act'),
  };
}

interface Writing {
  writer: DatabaseSync;
  tx: Tx;
  statements: Statements;
  participants: readonly Participant[];
}

async function commitBatch(writing: Writing, batch: PendingAct[]): Promise<void> {
  const { writer, tx, statements, participants } = writing;
  const succeeded: PendingAct[] = [];
  try {
    statements.begin.run();
    for (const participant of participants) participant.begin();
    for (const act of batch) if (await runInSavepoint(writing, act)) succeeded.push(act);
    for (const participant of participants) await participant.beforeCommit(tx);
    statements.commit.run();
  } catch (error) {
    if (writer.isTransaction) writer.exec('ROLLBACK');
    // An act that failed by itself was told so; the others must hear that nothing was kept.
    for (const act of batch) act.fail(storeError(error));
    return;
  }
  for (const act of succeeded) act.settle();
}

async function runInSavepoint(writing: Writing, act: PendingAct): Promise<boolean> {
  const { writer, tx, statements, participants } = writing;
  const undo = participants.map((participant) => participant.mark());
  statements.savepoint.run();
  try {
    await act.run(tx);
    statements.release.run();
    return true;
  } catch (error) {
    for (const restore of undo) restore();
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

// The store: SQLite in the data folder. One connection writes, and another reads committed data. Acts that
// arrive during a commit share the next one (group commit), so many answers cost one fsync. Each act has its
// own savepoint and fails alone. `synchronous=FULL` is set explicitly: WAL with NORMAL loses acknowledged
// rows when the power fails.
import { DatabaseSync } from 'node:sqlite';
import { GatehouseError } from '@gatehouse/access';
import type { CommittedEvent, DomainEvent } from '../feed/domain-event.ts';
import type { PendingAct } from './pending-acts.ts';
import { createPendingActs, pendingAct } from './pending-acts.ts';
import type { Connection } from './sqlite-connection.ts';
import { connectKysely } from './sqlite-connection.ts';
import type { StoreActivity } from './store-activity.ts';
import { createStoreActivity } from './store-activity.ts';
import type { Aftermath, Tx } from './transaction.ts';
import { createAftermath } from './transaction.ts';

export type { Connection } from './sqlite-connection.ts';
export type { Tx } from './transaction.ts';

/** The name of the file in the data folder. */
export const DATABASE_FILE = 'gatehouse.db';

export interface Database {
  readonly read: Connection;
  readonly activity: StoreActivity;
  /**
   * Runs `act` in a transaction. Resolves when it is on disk and the follower of the commits has reached it.
   * Throws the error of `act`, or `store_full`, `store_failed`.
   */
  write<T>(act: (tx: Tx) => Promise<T>): Promise<T>;
  /** Runs `read` on one state of the store, even if more is committed meanwhile. */
  snapshot<T>(read: (connection: Connection) => Promise<T>): Promise<T>;
  /**
   * Adds work that the acts of one commit share. It runs once, after the last of them. If it throws, every
   * act of the commit fails with its error.
   */
  beforeCommit(hook: CommitHook): void;
  /** Sets the journal, which records the events. There is only one. */
  recordIn(journal: Journal): void;
  /** The journal's last number, read on `connection`; 0 without a journal. */
  lastSeq(connection: Connection): Promise<number>;
  /** Sets the follower. Answers to acts wait for it. */
  followWith(follower: Follower): void;
  /** Waits for the accepted acts, then closes. A second call does nothing. */
  close(): Promise<void>;
}

/** `events`: the events of the acts in this commit that did not fail. The hook may publish more. */
export type CommitHook = (tx: Tx, events: readonly DomainEvent[]) => Promise<void>;

export interface Journal {
  /**
   * Writes the events as the last step of the transaction, and numbers them. If it throws, every act of the
   * commit fails with its error.
   */
  append(tx: Tx, events: readonly DomainEvent[]): Promise<CommittedEvent[]>;
  /** The last number, read on `connection`; 0 if there is none yet. */
  lastSeq(connection: Connection): Promise<number>;
  /** Called after the last commit. */
  close?(): Promise<void>;
}

export interface Follower {
  /**
   * Called once for each commit, in order. Resolves when everything in memory has reached the last of these
   * events.
   */
  committed(events: readonly CommittedEvent[]): Promise<void>;
}

export function openDatabase(path: string): Database {
  const writer = connect(path);
  const reader = connect(path);
  const read: Connection = connectKysely(reader);
  const pending = createPendingActs();
  const writing: Writing = {
    writer,
    aftermath: createAftermath(connectKysely(writer)),
    statements: prepareStatements(writer),
    hooks: [],
    journal: unnumbered,
    follower: undefined,
    activity: createStoreActivity(),
    unanswered: new Set(),
  };
  let committing: Promise<void> | undefined;
  let closed = false;

  async function commitPending(): Promise<void> {
    while (!pending.isEmpty()) await commitBatch(writing, await pending.gather());
    committing = undefined;
  }

  return {
    read,
    activity: writing.activity,
    write(act) {
      if (closed) return Promise.reject(new GatehouseError('unavailable', 'The server is shutting down.'));
      return new Promise((resolve, reject) => {
        pending.add(pendingAct(act, resolve, reject));
        committing ??= commitPending();
      });
    },
    snapshot: (readAll) => readSnapshot(path, readAll),
    beforeCommit: (hook) => void writing.hooks.push(hook),
    recordIn(journal) {
      writing.journal = journal;
    },
    lastSeq: (connection) => writing.journal.lastSeq(connection),
    followWith(follower) {
      writing.follower = follower;
    },
    async close() {
      closed = true;
      await committing;
      await Promise.all(writing.unanswered);
      await writing.journal.close?.();
      await Promise.all([read.destroy(), writing.aftermath.tx.destroy()]);
      // The last connection to close moves the log into the database. If the disk is too full for that, the
      // log stays and remains in force.
      for (const connection of [reader, writer]) if (connection.isOpen) connection.close();
    },
  };
}

/** Used until there is a ledger, because migrations publish nothing. */
const unnumbered: Journal = {
  append: async (_tx, [event]) => {
    if (event) throw new TypeError(`${event.type} was published before there is a ledger to record it`);
    return [];
  },
  lastSeq: async () => 0,
};

async function readSnapshot<T>(path: string, read: (connection: Connection) => Promise<T>): Promise<T> {
  const database = connect(path);
  try {
    database.exec('BEGIN');
    return await read(connectKysely(database));
  } finally {
    database.close();
  }
}

// SQLite's default is 1,000. Serial numbers and names are random, so new rows touch pages all over their
// trees: with a longer log, fewer pages are moved into the database more than once.
const CHECKPOINT_PAGES = 4000;

function connect(path: string): DatabaseSync {
  let connection: DatabaseSync | undefined;
  try {
    connection = new DatabaseSync(path, { timeout: 5000, enableForeignKeyConstraints: true });
    connection.exec('PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA trusted_schema=OFF;');
    connection.exec(`PRAGMA wal_autocheckpoint=${CHECKPOINT_PAGES};`);
    return connection;
  } catch (error) {
    connection?.close();
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
  aftermath: Aftermath;
  statements: Statements;
  hooks: CommitHook[];
  journal: Journal;
  follower: Follower | undefined;
  activity: StoreActivity;
  /** Acts on disk whose callers still wait for the follower. */
  unanswered: Set<Promise<void>>;
}

async function commitBatch(writing: Writing, batch: PendingAct[]): Promise<void> {
  const { writer, aftermath, statements, hooks, journal, activity } = writing;
  const { tx } = aftermath;
  const startedAt = performance.now();
  const succeeded: PendingAct[] = [];
  let committed: CommittedEvent[];
  aftermath.begin();
  try {
    statements.begin.run();
    for (const act of batch) if (await runInSavepoint(writing, act)) succeeded.push(act);
    for (const hook of hooks) await hook(tx, aftermath.events);
    committed = await journal.append(tx, aftermath.events);
    statements.commit.run();
  } catch (error) {
    if (writer.isTransaction) writer.exec('ROLLBACK');
    const failure = storeError(error);
    activity.failed(failure);
    // An act that failed alone already has its answer. The others get the error of the commit.
    for (const act of batch) act.fail(failure);
    return;
  }
  activity.committed((performance.now() - startedAt) / 1000, succeeded.length);
  aftermath.follow();
  answer(writing, succeeded, committed);
}

/** The next commit does not wait for the follower of this one. */
function answer({ follower, unanswered }: Writing, acts: PendingAct[], events: CommittedEvent[]): void {
  if (!follower || events.length === 0) {
    for (const act of acts) act.settle();
    return;
  }
  const settleAll = () => {
    for (const act of acts) act.settle();
  };
  const failAll = (error: unknown) => {
    for (const act of acts) act.fail(error);
  };
  const answered = follower
    .committed(events)
    .then(settleAll, failAll)
    .finally(() => unanswered.delete(answered));
  unanswered.add(answered);
}

async function runInSavepoint(writing: Writing, act: PendingAct): Promise<boolean> {
  const { writer, aftermath, statements } = writing;
  const forget = aftermath.mark();
  statements.savepoint.run();
  try {
    await act.run(aftermath.tx);
    statements.release.run();
    return true;
  } catch (error) {
    forget();
    // SQLite ends the whole transaction itself when the disk is full.
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
// The index of the write-ahead log could not grow.
const SQLITE_IOERR_SHMSIZE = 4874;
const SQLITE_CONSTRAINT = 19;
// Another user started a server on the folder before, or the files were copied as another user.
const NO_ACCESS: readonly number[] = [8, 14]; // SQLITE_READONLY, SQLITE_CANTOPEN
const DAMAGE: readonly number[] = [11, 26]; // SQLITE_CORRUPT, SQLITE_NOTADB

/**
 * Converts SQLite's failure into one of ours. The primary result code is the low byte
 * (sqlite.org/rescode.html).
 */
function storeError(error: unknown): unknown {
  if (!isSqliteError(error)) return error;
  const primary = error.errcode & 0xff;
  if (primary === SQLITE_FULL || error.errcode === SQLITE_IOERR_SHMSIZE) {
    return new GatehouseError('store_full', 'The disk is full: free space on it, then try again.', {
      cause: error,
    });
  }
  if (primary === SQLITE_CONSTRAINT) {
    return new GatehouseError('conflict', 'It conflicts with stored data.', { cause: error });
  }
  if (DAMAGE.includes(primary)) {
    const message = `gatehouse.db in the data folder is damaged (${error.message}): restore it from your backup.`;
    return new GatehouseError('store_failed', message, { cause: error });
  }
  if (NO_ACCESS.includes(primary)) {
    const message = `This user may not write to the database (${error.message}): give this user gatehouse.db and the files whose names begin with gatehouse.db- in the data folder.`;
    return new GatehouseError('store_failed', message, { cause: error });
  }
  const message = `The database failed: ${error.message}. Check the disk, then try again.`;
  return new GatehouseError('store_failed', message, { cause: error });
}

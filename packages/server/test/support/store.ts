// The foundation of capabilities as in the server, with a clock that the test moves: data folder, migrated
// database, key store, events.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { migrations } from '../../src/capabilities.ts';
import type { DataFolder } from '../../src/platform/data-folder/data-folder.ts';
import { openDataFolder } from '../../src/platform/data-folder/data-folder.ts';
import type { DomainEvent, Events } from '../../src/platform/feed/events.ts';
import { createEvents } from '../../src/platform/feed/events.ts';
import type { Feed } from '../../src/platform/feed/feed.ts';
import { createFeed } from '../../src/platform/feed/feed.ts';
import type { KeyStore } from '../../src/platform/keys/key-store.ts';
import { openKeyStore } from '../../src/platform/keys/key-store.ts';
import type { Connection, Database, Journal } from '../../src/platform/store/database.ts';
import { openDatabase } from '../../src/platform/store/database.ts';
import { migrate } from '../../src/platform/store/migrations.ts';
import type { FakeClock } from './fake-clock.ts';
import { createFakeClock } from './fake-clock.ts';
import { createMemoryLog } from './memory-log.ts';
import type { Scope } from './temporary-folder.ts';

const DATABASE_FILE = 'gatehouse.db';

export interface TestStore {
  clock: FakeClock;
  folder: DataFolder;
  database: Database;
  keyStore: KeyStore;
  events: Events;
  feed: Feed;
  /** Every published event, also those of acts that were rolled back. */
  published: DomainEvent[];
  databasePath: string;
  close(): Promise<void>;
}

/** Opens the folder at `path`. The caller removes it. */
export async function openStore(path: string, clock = createFakeClock()): Promise<TestStore> {
  const folder = await openDataFolder(path);
  const databasePath = folder.file(DATABASE_FILE);
  const database = openDatabase(databasePath);
  await migrate(database, migrations, clock);
  const keyStore = await openKeyStore({ database, folder, clock }, undefined);
  const published: DomainEvent[] = [];
  const events = createEvents();
  events.subscribe(async (_tx, event) => void published.push(event));
  database.recordIn(createNumberingJournal());
  const feed = createFeed({ database, log: createMemoryLog().log });
  return {
    clock,
    folder,
    database,
    keyStore,
    events,
    feed,
    published,
    databasePath,
    async close() {
      await database.close();
      folder.release();
    },
  };
}

/** A store in its own folder, closed and removed with the scope. */
export async function createStore(scope: Scope): Promise<TestStore> {
  const path = mkdtempSync(join(tmpdir(), 'gatehouse-'));
  migrated ??= migrateOnce();
  writeFileSync(join(path, DATABASE_FILE), await migrated, { mode: 0o600 });
  const store = await openStore(path);
  scope.after(async () => {
    await store.close();
    rmSync(path, { recursive: true, force: true });
  });
  return store;
}

/** A database with all tables and no rows. Creating them took four fifths of the time of a new store. */
let migrated: Promise<Buffer> | undefined;

async function migrateOnce(): Promise<Buffer> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-migrated-'));
  try {
    const file = join(folder, DATABASE_FILE);
    const database = openDatabase(file);
    await migrate(database, migrations, createFakeClock());
    await database.close();
    return readFileSync(file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Numbers events like the ledger, and stores only the last number. So a connection with an older state also
 * has the number of that state.
 */
function createNumberingJournal(): Journal {
  async function lastSeq(connection: Connection): Promise<number> {
    const { rows } = await sql<{ user_version: number }>`PRAGMA user_version`.execute(connection);
    return rows[0]?.user_version ?? 0;
  }
  return {
    lastSeq,
    async append(tx, events) {
      if (events.length === 0) return [];
      const last = await lastSeq(tx);
      await sql.raw(`PRAGMA user_version = ${last + events.length}`).execute(tx);
      return events.map((event, index) => ({ ...event, seq: last + index + 1 }));
    },
  };
}

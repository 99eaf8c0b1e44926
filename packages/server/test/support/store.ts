// The foundation of capabilities as the server opens it, with a clock that the test moves: data folder,
// migrated database, key store, events.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrations } from '../../src/capabilities.ts';
import type { DataFolder } from '../../src/platform/data-folder.ts';
import { openDataFolder } from '../../src/platform/data-folder.ts';
import type { Database, Journal } from '../../src/platform/database.ts';
import { openDatabase } from '../../src/platform/database.ts';
import type { DomainEvent, Events } from '../../src/platform/events.ts';
import { createEvents } from '../../src/platform/events.ts';
import type { Feed } from '../../src/platform/feed.ts';
import { createFeed } from '../../src/platform/feed.ts';
import type { KeyStore } from '../../src/platform/key-store.ts';
import { openKeyStore } from '../../src/platform/key-store.ts';
import { migrate } from '../../src/platform/migrations.ts';
import type { FakeClock } from './fake-clock.ts';
import { createFakeClock } from './fake-clock.ts';
import { createMemoryLog } from './memory-log.ts';
import type { Scope } from './temporary-folder.ts';

export interface TestStore {
  clock: FakeClock;
  folder: DataFolder;
  database: Database;
  keyStore: KeyStore;
  events: Events;
  feed: Feed;
  /** Every published event, also those whose act was undone. */
  published: DomainEvent[];
  databasePath: string;
  close(): Promise<void>;
}

/** Opens the folder at `path`. The caller removes it. */
export async function openStore(path: string, clock = createFakeClock()): Promise<TestStore> {
  const folder = await openDataFolder(path);
  const databasePath = folder.file('gatehouse.db');
  const database = openDatabase(databasePath);
  await migrate(database, migrations, clock);
  const keyStore = await openKeyStore({ database, folder, clock }, undefined);
  const published: DomainEvent[] = [];
  const events = createEvents();
  events.subscribe(async (_tx, event) => void published.push(event));
  database.recordIn(createMemoryJournal());
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
  const store = await openStore(path);
  scope.after(async () => {
    await store.close();
    rmSync(path, { recursive: true, force: true });
  });
  return store;
}

/** Numbers events like the ledger, and stores nothing. */
function createMemoryJournal(): Journal {
  let seq = 0;
  return {
    lastSeq: async () => seq,
    append: async (_tx, events) =>
      events.map((event) => {
        seq += 1;
        return { ...event, seq };
      }),
  };
}

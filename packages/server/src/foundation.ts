// The foundation of the server: the locked data folder, the migrated database, the opened key store, the
// events, the jobs. Each part is registered for closing as soon as it is open, so that a failed start leaves
// nothing open.
import type { Clock } from '@gatehouse/access';
import { systemClock } from '@gatehouse/access';
import type { DataFolder } from './platform/data-folder/data-folder.ts';
import { openDataFolder } from './platform/data-folder/data-folder.ts';
import {
  refuseBlankDatabase,
  refuseLostDatabase,
  refuseMissingTables,
} from './platform/data-folder/lost-database.ts';
import type { Events } from './platform/feed/events.ts';
import { createEvents } from './platform/feed/events.ts';
import type { Feed } from './platform/feed/feed.ts';
import { createFeed } from './platform/feed/feed.ts';
import type { ClockWatch } from './platform/jobs/clock-watch.ts';
import { createClockWatch } from './platform/jobs/clock-watch.ts';
import type { Jobs } from './platform/jobs/jobs.ts';
import { createJobs } from './platform/jobs/jobs.ts';
import type { KeyStore } from './platform/keys/key-store.ts';
import { openKeyStore } from './platform/keys/key-store.ts';
import type { KnownRoles } from './platform/known-roles.ts';
import { createKnownRoles } from './platform/known-roles.ts';
import type { RefusalCounter } from './platform/ledger/refusal-counter.ts';
import { createRefusalCounter, REFUSALS_FLUSH_SECONDS } from './platform/ledger/refusal-counter.ts';
import type { RepeatedEvents } from './platform/ledger/repeated-events.ts';
import { createRepeatedEvents, REPEATS_FLUSH_SECONDS } from './platform/ledger/repeated-events.ts';
import type { Log } from './platform/log/log.ts';
import type { Database } from './platform/store/database.ts';
import { DATABASE_FILE, openDatabase } from './platform/store/database.ts';
import type { Migration } from './platform/store/migrations.ts';
import { migrate } from './platform/store/migrations.ts';

export interface Foundation {
  clock: Clock;
  clockWatch: ClockWatch;
  log: Log;
  folder: DataFolder;
  database: Database;
  keyStore: KeyStore;
  events: Events;
  jobs: Jobs;
  refusals: RefusalCounter;
  roles: KnownRoles;
  /** Events that clients can cause at will: equal ones become one entry of the ledger. */
  repeated: RepeatedEvents;
  /** The change feed. Everything in memory follows it. */
  feed: Feed;
}

export interface FoundationOptions {
  /** The data folder's path. */
  data: string;
  masterKeyFile: string | undefined;
  log: Log;
  migrations: Migration[];
}

export async function openFoundation(
  options: FoundationOptions,
  stack: AsyncDisposableStack,
): Promise<Foundation> {
  const { log, migrations } = options;
  const clock = systemClock;
  // The watch begins here, so that it also notices a step of the clock during the start.
  const clockWatch = createClockWatch({ clock, monotonicMs: () => performance.now(), log });
  const folder = await openDataFolder(options.data);
  stack.defer(() => folder.release());
  refuseLostDatabase(folder, DATABASE_FILE);
  const database = folder.reserve.use(() => openDatabase(folder.file(DATABASE_FILE)));
  database.activity.whenFull(() => log.event('disk.full'));
  stack.defer(async () => {
    await database.close();
    // The write-ahead log was removed, which may have freed space.
    reserveRoom(folder, log);
  });
  await refuseBlankDatabase(folder, DATABASE_FILE, database);
  await migrate(database, migrations, clock);
  await refuseMissingTables(folder.file(DATABASE_FILE), database, migrations);
  const keyStore = await openKeyStore({ database, folder, clock }, options.masterKeyFile);
  const events = createEvents();
  const feed = createFeed({ database, log });
  const refusals = createRefusalCounter({ database, events, clock });
  const repeated = createRepeatedEvents({ database, events, clock });
  const jobs = createJobs(log);
  const roles = createKnownRoles();
  // A full disk must not prevent closing the other parts.
  for (const counter of [refusals, repeated]) {
    stack.defer(() => counter.flush().catch((error) => log.event('ledger.refusals_not_recorded', { error })));
  }
  stack.defer(() => jobs.stop());
  jobs.start({ name: 'record refusals', intervalSeconds: REFUSALS_FLUSH_SECONDS, run: refusals.flush });
  jobs.start({ name: 'record repeated events', intervalSeconds: REPEATS_FLUSH_SECONDS, run: repeated.flush });
  return {
    clock,
    clockWatch,
    log,
    folder,
    database,
    keyStore,
    events,
    jobs,
    refusals,
    repeated,
    roles,
    feed,
  };
}

/** Even without space for the reserve, the server must close everything. */
function reserveRoom({ reserve }: DataFolder, log: Log): void {
  try {
    reserve.make();
  } catch (error) {
    log.event('disk.no_reserve', { error });
  }
}

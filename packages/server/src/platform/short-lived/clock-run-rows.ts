// The runs of the clock, in the store. Their number is limited: if there are too many, the two oldest become
// one, which also covers the time between them.
import { millis } from '../store/columns.ts';
import type { Database } from '../store/database.ts';
import type { Migration } from '../store/migrations.ts';

/** A time in which the clock only went forward, in milliseconds since the epoch. */
export interface ClockRun {
  from: number;
  until: number;
}

export interface ClockRunRows {
  load(): Promise<ClockRun[]>;
  /** Resolves when the run is on disk. It replaces the run that began at the same time. */
  put(run: ClockRun): Promise<void>;
}

const MAX_RUNS = 16;

type Tables = {
  clock_runs: { begins_at: number; ends_at: number };
};

export const clockRunMigrations: Migration[] = [
  {
    name: 'clock/0001-runs',
    up: (tx) =>
      tx.schema
        .createTable('clock_runs')
        .addColumn('begins_at', millis, (column) => column.primaryKey())
        .addColumn('ends_at', millis, (column) => column.notNull())
        .execute(),
  },
];

/** `database` must have the table of `clockRunMigrations`. */
export function createClockRunRows(database: Database): ClockRunRows {
  return {
    async load() {
      const rows = await database.read
        .withTables<Tables>()
        .selectFrom('clock_runs')
        .selectAll()
        .orderBy('begins_at')
        .execute();
      return rows.map(({ begins_at: from, ends_at: until }) => ({ from, until }));
    },
    put: ({ from, until }) =>
      database.write(async (tx) => {
        const within = tx.withTables<Tables>();
        await within.replaceInto('clock_runs').values({ begins_at: from, ends_at: until }).execute();
        const rows = await within.selectFrom('clock_runs').selectAll().orderBy('begins_at').execute();
        const [first, second] = rows;
        if (rows.length <= MAX_RUNS || !first || !second) return;
        const ends_at = Math.max(first.ends_at, second.ends_at);
        await within.deleteFrom('clock_runs').where('begins_at', '=', second.begins_at).execute();
        await within
          .replaceInto('clock_runs')
          .values({ ...first, ends_at })
          .execute();
      }),
  };
}

// The table of the generations of keys. The keys themselves are sealed secrets.
import { millis, text } from '../platform/store/columns.ts';
import type { Connection, Tx } from '../platform/store/database.ts';
import type { Migration } from '../platform/store/migrations.ts';

export interface GenerationRow {
  /** Grows with each generation. */
  epoch: number;
  /** The name of its sealed secret. */
  secret: string;
  /** Milliseconds since 1970, like `ends_at`, after which its keys open no more requests. */
  created_at: number;
  ends_at: number;
}

type Tables = { sealing_generations: GenerationRow };

export const sealingMigrations: Migration[] = [
  {
    name: 'sealing/0001-generations',
    up: (tx) =>
      tx.schema
        .createTable('sealing_generations')
        .addColumn('epoch', millis, (column) => column.primaryKey())
        .addColumn('secret', text, (column) => column.notNull())
        .addColumn('created_at', millis, (column) => column.notNull())
        .addColumn('ends_at', millis, (column) => column.notNull())
        .execute(),
  },
];

/** The newest first. */
export function readGenerations(connection: Connection): Promise<GenerationRow[]> {
  return within(connection).selectFrom('sealing_generations').selectAll().orderBy('epoch', 'desc').execute();
}

export async function insertGeneration(tx: Tx, row: GenerationRow): Promise<void> {
  await within(tx).insertInto('sealing_generations').values(row).execute();
}

export async function deleteGeneration(tx: Tx, epoch: number): Promise<void> {
  await within(tx).deleteFrom('sealing_generations').where('epoch', '=', epoch).execute();
}

function within(connection: Connection) {
  return connection.withTables<Tables>();
}

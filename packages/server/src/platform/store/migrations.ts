// Schema changes of each capability, applied once and in order. All pending migrations run in one
// transaction: if one fails, the old schema stays. A database from a newer program is refused.
import type { Clock } from '@gatehouse/access';
import { GatehouseError } from '@gatehouse/access';
import { millis, text } from './columns.ts';
import type { Database, Tx } from './database.ts';

export interface Migration {
  /** `capability/0001-what-it-adds`; applied in the order of the list. */
  name: string;
  up(tx: Tx): Promise<void>;
}

type MigrationTables = {
  schema_migrations: { name: string; applied_at: number };
};

/** Brings the schema up to date. Throws `migration_failed`, naming the migration. */
export async function migrate(database: Database, migrations: Migration[], clock: Clock): Promise<void> {
  await database.write(async (connection) => {
    const tx = connection.withTables<MigrationTables>();
    await tx.schema
      .createTable('schema_migrations')
      .ifNotExists()
      .addColumn('name', text, (column) => column.primaryKey())
      .addColumn('applied_at', millis, (column) => column.notNull())
      .execute();
    const applied = new Set(
      (await tx.selectFrom('schema_migrations').select('name').execute()).map((row) => row.name),
    );
    refuseUnknown(applied, migrations);
    for (const migration of migrations) {
      if (applied.has(migration.name)) continue;
      await apply(connection, migration);
      await tx
        .insertInto('schema_migrations')
        .values({ name: migration.name, applied_at: clock.now() })
        .execute();
    }
  });
}

async function apply(tx: Tx, migration: Migration): Promise<void> {
  try {
    await migration.up(tx);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new GatehouseError(
      'migration_failed',
      `Migration ${migration.name} failed and was undone: ${reason}.`,
      {
        cause: error,
      },
    );
  }
}

function refuseUnknown(applied: Set<string>, migrations: Migration[]): void {
  const known = new Set(migrations.map((migration) => migration.name));
  const newer = [...applied].find((name) => !known.has(name));
  if (newer === undefined) return;
  throw new GatehouseError(
    'migration_failed',
    `A newer Gatehouse wrote this data folder (it has ${newer}): start that version, or restore a backup.`,
  );
}

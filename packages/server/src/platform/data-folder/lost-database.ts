// Refuses to start on a data folder whose database was lost: the start would create another authority, which
// no client trusts. Other files in the folder show that it is not new.
import { existsSync, statSync } from 'node:fs';
import { GatehouseError } from '@gatehouse/access';
import { WITNESS_FILE } from '../ledger/witness.ts';
import type { Database } from '../store/database.ts';
import { openDatabase } from '../store/database.ts';
import type { Migration } from '../store/migrations.ts';
import { migrate } from '../store/migrations.ts';
import type { DataFolder } from './data-folder.ts';

/** These files are written after the first commit: if one of them exists, the database had tables. */
const LEFT_BEHIND = ['master.key', 'root.pem', WITNESS_FILE];

/** A restore writes its files here, and moves the database out of it last. */
export const RESTORING_FOLDER = 'restoring.tmp';

/**
 * Throws `database_incomplete` if the database file is missing or empty, but the folder is not new. Call it
 * before SQLite opens the database: SQLite would delete the write-ahead log of an empty one.
 */
export function refuseLostDatabase(folder: DataFolder, name: string): void {
  const size = statSync(folder.file(name), { throwIfNoEntry: false })?.size;
  if (!size) refuseUnlessNew(folder, name, size === undefined ? 'is missing' : 'is empty');
}

/**
 * Throws `database_incomplete` if the database has no tables, but the folder is not new. Call it before the
 * migrations.
 */
export async function refuseBlankDatabase(
  folder: DataFolder,
  name: string,
  database: Database,
): Promise<void> {
  if ((await tablesOf(database)).size === 0) refuseUnlessNew(folder, name, 'has no tables');
}

/** Throws `database_incomplete` if a table of the migrations is missing. Call it after the migrations. */
export async function refuseMissingTables(
  name: string,
  database: Database,
  migrations: readonly Migration[],
): Promise<void> {
  const present = await tablesOf(database);
  const missing = (await tablesMadeBy(migrations)).find((table) => !present.has(table));
  if (missing === undefined) return;
  throw new GatehouseError(
    'database_incomplete',
    `The database ${name} has lost the table ${missing}: restore the data folder from your backup.`,
  );
}

function refuseUnlessNew(folder: DataFolder, name: string, problem: string): void {
  if (existsSync(folder.file(RESTORING_FOLDER))) {
    throw new GatehouseError(
      'database_incomplete',
      `A restore into ${folder.path} was interrupted: run 'gatehouse restore' again, with the same folder.`,
    );
  }
  const left = LEFT_BEHIND.filter((file) => statSync(folder.file(file), { throwIfNoEntry: false }));
  if (left.length === 0) return;
  const listed = left.join(', ').replace(/, (?=[^,]+$)/, ' and ');
  throw new GatehouseError(
    'database_incomplete',
    `The database ${folder.file(name)} ${problem}, but the data folder is not new (it has ${listed}): restore the ` +
      `database from your backup. To start with a new authority, which no client trusts yet, remove ${listed}, too.`,
  );
}

async function tablesOf(database: Database): Promise<Set<string>> {
  const tables = await database.read.introspection.getTables();
  return new Set(tables.map(({ name }) => name));
}

/** Applies the migrations to an empty database in memory to find their tables. */
async function tablesMadeBy(migrations: readonly Migration[]): Promise<string[]> {
  const blank = openDatabase(':memory:');
  try {
    await migrate(blank, [...migrations], { now: () => 0 });
    // Each connection to :memory: has its own database. The migrations used the writing connection.
    return await blank.write(async (tx) => (await tx.introspection.getTables()).map(({ name }) => name));
  } finally {
    await blank.close();
  }
}

// The record of the last configuration file in the database of a data folder. A start with another file, or
// with none, would serve another policy. So it is refused until the operator names the file.
import { GatehouseError } from '@gatehouse/access';
import { millis, text } from '../platform/store/columns.ts';
import type { Connection, Tx } from '../platform/store/database.ts';
import type { Migration } from '../platform/store/migrations.ts';

/** Both are null for a configuration without a file. */
export interface ConfigurationRecord {
  /** Absolute. */
  file: string | null;
  digest: string | null;
}

type Tables = {
  configuration_record: { id: number; file: string | null; digest: string | null; recorded_at: number };
};

const ONLY_ROW = 1;

export const configurationMigrations: Migration[] = [
  {
    name: 'configuration/0001-record',
    async up(tx) {
      await tx.schema
        .createTable('configuration_record')
        .addColumn('id', millis, (column) => column.primaryKey())
        .addColumn('file', text)
        .addColumn('digest', text)
        .addColumn('recorded_at', millis, (column) => column.notNull())
        .execute();
    },
  },
];

/** Undefined before the first start. */
export async function readRecord(connection: Connection): Promise<ConfigurationRecord | undefined> {
  return connection
    .withTables<Tables>()
    .selectFrom('configuration_record')
    .select(['file', 'digest'])
    .executeTakeFirst();
}

export async function writeRecord(tx: Tx, { file, digest }: ConfigurationRecord, now: number): Promise<void> {
  const row = { id: ONLY_ROW, file, digest, recorded_at: now };
  await tx.withTables<Tables>().replaceInto('configuration_record').values(row).execute();
}

export interface StartedWith {
  /** `--config`, if it was given. */
  given: string | undefined;
  /** The absolute path of the configuration file, if there is one. */
  file: string | undefined;
  /** The data folder. */
  folder: string;
}

/**
 * Throws `config_file_changed` for a start with another file than the recorded one, unless `--config` names
 * it. A file is accepted if there was none before, because the operator has written it.
 */
export function refuseOtherFile(
  recorded: ConfigurationRecord | undefined,
  { given, file, folder }: StartedWith,
): void {
  if (given !== undefined || recorded === undefined || recorded.file === null) return;
  if (recorded.file === file) return;
  const found = file === undefined ? `found none in ${process.cwd()}` : `found ${file}`;
  const other =
    file === undefined ? '--config none to serve without a file' : `--config ${file} for the other one`;
  throw new GatehouseError(
    'config_file_changed',
    `The data folder ${folder} was last served with the configuration file ${recorded.file}, but this start ${found}: ` +
      `add --config ${recorded.file} to serve the same policy again, or ${other}.`,
  );
}

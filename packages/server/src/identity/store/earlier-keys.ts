// Migrations that change the rows of earlier versions: keys and names of people and services.
import { millis, text } from '../../platform/store/columns.ts';
import type { Tx } from '../../platform/store/database.ts';
import type { IdentityTables } from './rows.ts';

/** Earlier, each key had its own name, which is now its service. Revoked keys were not stored. */
export async function giveKeysToServices(tx: Tx): Promise<void> {
  await tx.schema
    .createTable('keys_of_services')
    .addColumn('id', text, (column) => column.primaryKey())
    .addColumn('name', text, (column) => column.notNull())
    .addColumn('secret_hash', text, (column) => column.notNull())
    .addColumn('roles', text, (column) => column.notNull())
    .addColumn('created_at', millis, (column) => column.notNull())
    .addColumn('expires_at', millis)
    .addColumn('last_used_at', millis)
    .addColumn('scopes', text, (column) => column.notNull().defaultTo('[]'))
    .addColumn('addresses', text, (column) => column.notNull().defaultTo('[]'))
    .addColumn('revoked_at', millis)
    .execute();
  const tables = tx.withTables<KeyTables>();
  const columns = ['id', 'name', 'secret_hash', 'roles', 'created_at', 'expires_at', 'last_used_at'] as const;
  await tables
    .insertInto('keys_of_services')
    .columns(columns)
    .expression((builder) => builder.selectFrom('api_keys').select(columns))
    .execute();
  await tables
    .insertInto('services')
    .columns(['name', 'roles', 'created_at'])
    .expression((builder) => builder.selectFrom('api_keys').select(['name', 'roles', 'created_at']))
    .execute();
  await tx.schema.dropTable('api_keys').execute();
  await tx.schema.alterTable('keys_of_services').renameTo('api_keys').execute();
  await tx.schema.createIndex('api_keys_name').on('api_keys').column('name').execute();
}

type OldKey = Pick<
  IdentityTables['api_keys'],
  'id' | 'name' | 'secret_hash' | 'roles' | 'created_at' | 'expires_at' | 'last_used_at'
>;
type KeyTables = {
  api_keys: OldKey;
  keys_of_services: OldKey;
  services: Pick<IdentityTables['services'], 'name' | 'roles' | 'created_at'>;
};

type NamedTables = Record<'users' | 'api_keys' | 'services', { name: string }> & {
  principal_names: { folded: string };
};

/** Adds the names of a table to the taken names. */
export async function adoptNames(tx: Tx, table: 'users' | 'api_keys' | 'services'): Promise<void> {
  await tx
    .withTables<NamedTables>()
    .insertInto('principal_names')
    .columns(['folded'])
    .expression((builder) =>
      builder
        .selectFrom(table)
        .select(({ fn, ref }) => fn<string>('lower', [ref('name')]).as('folded'))
        // Without a condition, SQLite would read the next clause as a join (sqlite.org/lang_upsert.html
        // §2.2).
        .where('name', '!=', ''),
    )
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

// The migrations of this capability, in the order in which they were added. Their names never change.
import { millis, text } from '../../platform/columns.ts';
import type { Tx } from '../../platform/database.ts';
import type { Migration } from '../../platform/migrations.ts';

export const identityMigrations: Migration[] = [
  {
    name: 'identity/0001-users',
    up: (tx) =>
      tx.schema
        .createTable('users')
        .addColumn('name', text, (column) => column.primaryKey())
        .addColumn('password_hash', text, (column) => column.notNull())
        .addColumn('roles', text, (column) => column.notNull())
        .addColumn('disabled', millis, (column) => column.notNull())
        .addColumn('created_at', millis, (column) => column.notNull())
        .addColumn('token_epoch', millis, (column) => column.notNull())
        .execute(),
  },
  {
    name: 'identity/0002-api-keys',
    up: (tx) =>
      tx.schema
        .createTable('api_keys')
        .addColumn('id', text, (column) => column.primaryKey())
        .addColumn('name', text, (column) => column.notNull().unique())
        .addColumn('secret_hash', text, (column) => column.notNull())
        .addColumn('roles', text, (column) => column.notNull())
        .addColumn('created_at', millis, (column) => column.notNull())
        .addColumn('expires_at', millis)
        .addColumn('last_used_at', millis)
        .execute(),
  },
  {
    name: 'identity/0003-services',
    up: (tx) =>
      tx.schema
        .createTable('services')
        .addColumn('name', text, (column) => column.primaryKey())
        .addColumn('roles', text, (column) => column.notNull())
        .addColumn('created_at', millis, (column) => column.notNull())
        .execute(),
  },
  {
    name: 'identity/0004-principal-names',
    async up(tx) {
      await tx.schema
        .createTable('principal_names')
        .addColumn('folded', text, (column) => column.primaryKey())
        .execute();
      for (const table of ['users', 'api_keys', 'services'] as const) await adoptNames(tx, table);
    },
  },
];

type NamedTables = Record<'users' | 'api_keys' | 'services', { name: string }> & {
  principal_names: { folded: string };
};

async function adoptNames(tx: Tx, table: 'users' | 'api_keys' | 'services'): Promise<void> {
  await tx
    .withTables<NamedTables>()
    .insertInto('principal_names')
    .columns(['folded'])
    .expression((builder) =>
      builder
        .selectFrom(table)
        .select(({ fn, ref }) => fn<string>('lower', [ref('name')]).as('folded'))
        // Without a condition, SQLite would read what follows as a join (sqlite.org/lang_upsert.html §2.2).
        .where('name', '!=', ''),
    )
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

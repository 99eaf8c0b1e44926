// The tables of this capability, in the order in which they came to be. A name never changes. Times are milliseconds.
import type { Migration } from '../platform/migrations.ts';

export const acmeMigrations: Migration[] = [
  {
    name: 'acme/0001-accounts',
    async up(tx) {
      await tx.schema
        .createTable('acme_accounts')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('thumbprint', 'text', (column) => column.notNull().unique())
        .addColumn('jwk', 'text', (column) => column.notNull())
        .addColumn('status', 'text', (column) => column.notNull())
        .addColumn('contact', 'text', (column) => column.notNull())
        .addColumn('terms_agreed', 'integer', (column) => column.notNull())
        .addColumn('eab_kid', 'text')
        .addColumn('owner_kind', 'text')
        .addColumn('owner_name', 'text')
        .addColumn('created_at', 'integer', (column) => column.notNull())
        .execute();
      await tx.schema
        .createTable('acme_eab_keys')
        .addColumn('kid', 'text', (column) => column.primaryKey())
        .addColumn('owner_kind', 'text', (column) => column.notNull())
        .addColumn('owner_name', 'text', (column) => column.notNull())
        .addColumn('created_at', 'integer', (column) => column.notNull())
        .execute();
    },
  },
  {
    name: 'acme/0002-orders',
    async up(tx) {
      await tx.schema
        .createTable('acme_authorizations')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('account_id', 'text', (column) => column.notNull())
        .addColumn('name', 'text', (column) => column.notNull())
        .addColumn('token', 'text', (column) => column.notNull())
        .addColumn('status', 'text', (column) => column.notNull())
        .addColumn('challenge', 'text')
        .addColumn('validated_at', 'integer')
        .addColumn('error', 'text')
        .addColumn('expires_at', 'integer', (column) => column.notNull())
        .execute();
      await tx.schema
        .createTable('acme_orders')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('account_id', 'text', (column) => column.notNull())
        .addColumn('status', 'text', (column) => column.notNull())
        .addColumn('names', 'text', (column) => column.notNull())
        .addColumn('authorizations', 'text', (column) => column.notNull())
        .addColumn('not_before', 'integer')
        .addColumn('not_after', 'integer')
        .addColumn('replaces', 'text')
        .addColumn('certificate', 'text')
        .addColumn('created_at', 'integer', (column) => column.notNull())
        .addColumn('expires_at', 'integer', (column) => column.notNull())
        .addColumn('kept_until', 'integer', (column) => column.notNull())
        .execute();
      for (const [name, table, columns] of INDEXES) {
        await tx.schema.createIndex(name).on(table).columns(columns).execute();
      }
    },
  },
];

const INDEXES: readonly (readonly [name: string, table: string, columns: string[]])[] = [
  ['acme_authorizations_name', 'acme_authorizations', ['account_id', 'name', 'status']],
  ['acme_authorizations_expires_at', 'acme_authorizations', ['expires_at']],
  ['acme_orders_account', 'acme_orders', ['account_id', 'created_at', 'id']],
  ['acme_orders_created_at', 'acme_orders', ['created_at', 'id']],
  ['acme_orders_certificate', 'acme_orders', ['certificate']],
  ['acme_orders_replaces', 'acme_orders', ['replaces']],
  ['acme_orders_kept_until', 'acme_orders', ['kept_until']],
];

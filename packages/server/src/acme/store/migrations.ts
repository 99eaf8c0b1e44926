// The tables of this capability, in the order of their changes. A name never changes. Times are milliseconds.
import { sql } from 'kysely';
import { millis, text } from '../../platform/store/columns.ts';
import type { Migration } from '../../platform/store/migrations.ts';

export const acmeMigrations: Migration[] = [
  {
    name: 'acme/0001-accounts',
    async up(tx) {
      await tx.schema
        .createTable('acme_accounts')
        .addColumn('id', text, (column) => column.primaryKey())
        .addColumn('thumbprint', text, (column) => column.notNull().unique())
        .addColumn('jwk', text, (column) => column.notNull())
        .addColumn('status', text, (column) => column.notNull())
        .addColumn('contact', text, (column) => column.notNull())
        .addColumn('terms_agreed', millis, (column) => column.notNull())
        .addColumn('eab_kid', text)
        .addColumn('owner_kind', text)
        .addColumn('owner_name', text)
        .addColumn('created_at', millis, (column) => column.notNull())
        .execute();
      await tx.schema
        .createTable('acme_eab_keys')
        .addColumn('kid', text, (column) => column.primaryKey())
        .addColumn('owner_kind', text, (column) => column.notNull())
        .addColumn('owner_name', text, (column) => column.notNull())
        .addColumn('created_at', millis, (column) => column.notNull())
        .execute();
    },
  },
  {
    name: 'acme/0002-orders',
    async up(tx) {
      await tx.schema
        .createTable('acme_authorizations')
        .addColumn('id', text, (column) => column.primaryKey())
        .addColumn('account_id', text, (column) => column.notNull())
        .addColumn('name', text, (column) => column.notNull())
        .addColumn('token', text, (column) => column.notNull())
        .addColumn('status', text, (column) => column.notNull())
        .addColumn('challenge', text)
        .addColumn('validated_at', millis)
        .addColumn('error', text)
        .addColumn('expires_at', millis, (column) => column.notNull())
        .execute();
      await tx.schema
        .createTable('acme_orders')
        .addColumn('id', text, (column) => column.primaryKey())
        .addColumn('account_id', text, (column) => column.notNull())
        .addColumn('status', text, (column) => column.notNull())
        .addColumn('names', text, (column) => column.notNull())
        .addColumn('authorizations', text, (column) => column.notNull())
        .addColumn('not_before', millis)
        .addColumn('not_after', millis)
        .addColumn('replaces', text)
        .addColumn('certificate', text)
        .addColumn('created_at', millis, (column) => column.notNull())
        .addColumn('expires_at', millis, (column) => column.notNull())
        .addColumn('kept_until', millis, (column) => column.notNull())
        .execute();
      // No index for queries by age: each index costs another page in every commit, and ids begin with a
      // time.
      await tx.schema
        .createIndex('acme_authorizations_name')
        .on('acme_authorizations')
        .columns(['account_id', 'name'])
        .execute();
      await tx.schema
        .createIndex('acme_authorizations_processing')
        .on('acme_authorizations')
        .column('id')
        .where(sql.ref('status'), '=', 'processing')
        .execute();
      await tx.schema
        .createIndex('acme_orders_account')
        .on('acme_orders')
        .columns(['account_id', 'id'])
        .execute();
      for (const column of ['certificate', 'replaces']) {
        await tx.schema
          .createIndex(`acme_orders_${column}`)
          .on('acme_orders')
          .column(column)
          .where(sql.ref(column), 'is not', null)
          .execute();
      }
    },
  },
  {
    name: 'acme/0003-owned-accounts',
    // The index has only the accounts with an owner.
    up: (tx) =>
      tx.schema
        .createIndex('acme_accounts_owner')
        .on('acme_accounts')
        .column('owner_name')
        .where(sql.ref('owner_name'), 'is not', null)
        .execute(),
  },
  {
    name: 'acme/0004-open-authorizations',
    // Failed authorizations must not slow down the look-up of a name, so they have a separate index, which
    // also counts them.
    async up(tx) {
      await tx.schema.dropIndex('acme_authorizations_name').execute();
      await tx.schema
        .createIndex('acme_authorizations_open')
        .on('acme_authorizations')
        .columns(['account_id', 'name'])
        .where(sql<boolean>`status in ('pending', 'processing', 'valid')`)
        .execute();
      await tx.schema
        .createIndex('acme_authorizations_abandoned')
        .on('acme_authorizations')
        .columns(['account_id', 'id'])
        .where(sql<boolean>`status in ('invalid', 'deactivated')`)
        .execute();
    },
  },
];

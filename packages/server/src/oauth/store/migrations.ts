// The migrations of this capability, in the order in which they were added. Their names never change.
import { millis, octets, text } from '../../platform/store/columns.ts';
import type { Migration } from '../../platform/store/migrations.ts';

export const oauthMigrations: Migration[] = [
  {
    name: 'oauth/0001-clients',
    async up(tx) {
      await tx.schema
        .createTable('oauth_clients')
        .addColumn('id', text, (column) => column.primaryKey())
        .addColumn('name', text, (column) => column.notNull().unique())
        .addColumn('service', text)
        .addColumn('metadata', text, (column) => column.notNull())
        .addColumn('epoch', millis, (column) => column.notNull())
        .addColumn('state', text, (column) => column.notNull())
        .addColumn('created_at', millis, (column) => column.notNull())
        .execute();
      await tx.schema
        .createTable('oauth_client_secrets')
        .addColumn('hash', text, (column) => column.primaryKey())
        .addColumn('client', text, (column) => column.notNull())
        .addColumn('created_at', millis, (column) => column.notNull())
        .addColumn('ends_at', millis)
        .execute();
      await tx.schema
        .createIndex('oauth_client_secrets_client')
        .on('oauth_client_secrets')
        .column('client')
        .execute();
    },
  },
  {
    name: 'oauth/0002-artifacts',
    async up(tx) {
      await tx.schema
        .createTable('oauth_artifacts')
        .addColumn('key', text, (column) => column.primaryKey())
        .addColumn('kind', text, (column) => column.notNull())
        .addColumn('sealed', octets, (column) => column.notNull())
        .addColumn('grant_key', text)
        .addColumn('lookup_key', text)
        .addColumn('client', text)
        .addColumn('account', text)
        .addColumn('consumed_at', millis)
        .addColumn('ends_at', millis, (column) => column.notNull())
        .execute();
      for (const column of ['grant_key', 'lookup_key', 'client', 'account', 'ends_at']) {
        await tx.schema
          .createIndex(`oauth_artifacts_${column}`)
          .on('oauth_artifacts')
          .column(column)
          .execute();
      }
      await tx.schema
        .createTable('oauth_revocations')
        .addColumn('id', text, (column) => column.primaryKey())
        .addColumn('ends_at', millis, (column) => column.notNull())
        .execute();
      await tx.schema
        .createTable('oauth_consents')
        .addColumn('user', text, (column) => column.notNull())
        .addColumn('client', text, (column) => column.notNull())
        .addColumn('scopes', text, (column) => column.notNull())
        .addColumn('granted_at', millis, (column) => column.notNull())
        .addPrimaryKeyConstraint('oauth_consents_key', ['user', 'client'])
        .execute();
    },
  },
  {
    name: 'oauth/0003-logouts',
    async up(tx) {
      await tx.schema
        .createTable('oauth_logouts')
        .addColumn('sid', text, (column) => column.primaryKey())
        .addColumn('client', text, (column) => column.notNull())
        .addColumn('user_name', text, (column) => column.notNull())
        .addColumn('failures', millis, (column) => column.notNull())
        .addColumn('due_at', millis)
        .addColumn('ends_at', millis, (column) => column.notNull())
        .execute();
      await tx.schema
        .createIndex('oauth_logouts_due')
        .on('oauth_logouts')
        .columns(['due_at', 'client'])
        .execute();
    },
  },
];

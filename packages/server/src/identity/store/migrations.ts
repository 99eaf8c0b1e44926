// The migrations of this capability, in the order in which they were added. Their names never change.
import { millis, octets, storedByKey, text } from '../../platform/store/columns.ts';
import type { Migration } from '../../platform/store/migrations.ts';
import { adoptNames, giveKeysToServices } from './earlier-keys.ts';
import {
  createFactors,
  createPasskeys,
  createProviderLinks,
  createSessions,
  createSignInFailures,
  createSignIns,
} from './sign-in-tables.ts';

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
  { name: 'identity/0005-keys-of-services', up: giveKeysToServices },
  {
    name: 'identity/0006-attributes',
    async up(tx) {
      for (const table of ['users', 'services']) {
        await tx.schema
          .alterTable(table)
          .addColumn('attributes', text, (column) => column.notNull().defaultTo('{}'))
          .execute();
      }
      await tx.schema
        .alterTable('services')
        .addColumn('disabled', millis, (column) => column.notNull().defaultTo(0))
        .execute();
    },
  },
  {
    name: 'identity/0007-groups',
    async up(tx) {
      await tx.schema
        .createTable('groups')
        .addColumn('name', text, (column) => column.primaryKey())
        .addColumn('roles', text, (column) => column.notNull())
        .addColumn('created_at', millis, (column) => column.notNull())
        .execute();
      await tx.schema
        .createTable('group_members')
        .addColumn('user_name', text, (column) => column.notNull())
        .addColumn('group_name', text, (column) => column.notNull())
        .addPrimaryKeyConstraint('group_members_key', ['user_name', 'group_name'])
        .modifyEnd(storedByKey)
        .execute();
      await tx.schema
        .createIndex('group_members_group')
        .on('group_members')
        .columns(['group_name', 'user_name'])
        .execute();
    },
  },
  { name: 'identity/0008-factors', up: createFactors },
  { name: 'identity/0009-sign-ins', up: createSignIns },
  { name: 'identity/0010-sessions', up: createSessions },
  { name: 'identity/0011-passkeys', up: createPasskeys },
  {
    name: 'identity/0012-digest-passwords',
    up: (tx) =>
      tx.schema
        .createTable('digest_passwords')
        .addColumn('name', text, (column) => column.primaryKey())
        .addColumn('created_at', millis, (column) => column.notNull())
        .execute(),
  },
  { name: 'identity/0013-provider-links', up: createProviderLinks },
  { name: 'identity/0014-sign-in-failures', up: createSignInFailures },
  {
    name: 'identity/0015-public-keys',
    up: (tx) => tx.schema.alterTable('api_keys').addColumn('public_key', text).execute(),
  },
  {
    name: 'identity/0016-id-tokens',
    up: (tx) => tx.schema.alterTable('sessions').addColumn('provider_id_token', octets).execute(),
  },
  {
    name: 'identity/0017-disabled-keys',
    up: (tx) =>
      tx.schema
        .alterTable('api_keys')
        .addColumn('disabled', millis, (column) => column.notNull().defaultTo(0))
        .execute(),
  },
  {
    name: 'identity/0018-disabled-groups',
    up: (tx) =>
      tx.schema
        .alterTable('groups')
        .addColumn('disabled', millis, (column) => column.notNull().defaultTo(0))
        .execute(),
  },
  {
    name: 'identity/0019-passkey-of-session',
    up: (tx) => tx.schema.alterTable('sessions').addColumn('passkey', text).execute(),
  },
];

// The migrations of this capability, in the order in which they were added. Their names never change.
import { fraction, millis, octets, storedByKey, text } from '../../platform/store/columns.ts';
import type { Tx } from '../../platform/store/database.ts';
import type { Migration } from '../../platform/store/migrations.ts';
import type { IdentityTables } from './rows.ts';

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

async function createProviderLinks(tx: Tx): Promise<void> {
  await tx.schema
    .createTable('provider_links')
    .addColumn('provider', text, (column) => column.notNull())
    .addColumn('issuer', text, (column) => column.notNull())
    .addColumn('subject', text, (column) => column.notNull())
    .addColumn('user_name', text, (column) => column.notNull())
    .addColumn('label', text)
    .addColumn('created_at', millis, (column) => column.notNull())
    .addColumn('last_used_at', millis)
    .addPrimaryKeyConstraint('provider_links_key', ['provider', 'issuer', 'subject'])
    .addUniqueConstraint('provider_links_user', ['user_name', 'provider'])
    .execute();
  for (const column of ['provider', 'provider_subject', 'provider_sid']) {
    await tx.schema.alterTable('sessions').addColumn(column, text).execute();
  }
  await tx.schema
    .createIndex('sessions_provider')
    .on('sessions')
    .columns(['provider', 'provider_subject'])
    .execute();
}

async function createSignInFailures(tx: Tx): Promise<void> {
  await tx.schema
    .createTable('sign_in_failures')
    .addColumn('limit_name', text, (column) => column.notNull())
    .addColumn('key', text, (column) => column.notNull())
    .addColumn('tokens', fraction, (column) => column.notNull())
    .addColumn('at', millis, (column) => column.notNull())
    .addColumn('ends_at', millis, (column) => column.notNull())
    .addPrimaryKeyConstraint('sign_in_failures_key', ['limit_name', 'key'])
    .modifyEnd(storedByKey)
    .execute();
  await tx.schema.createIndex('sign_in_failures_ends_at').on('sign_in_failures').column('ends_at').execute();
}

async function createPasskeys(tx: Tx): Promise<void> {
  await tx.schema
    .createTable('passkeys')
    .addColumn('id', text, (column) => column.primaryKey())
    .addColumn('user_name', text, (column) => column.notNull())
    .addColumn('user_handle', text, (column) => column.notNull())
    .addColumn('name', text, (column) => column.notNull())
    .addColumn('public_key', octets, (column) => column.notNull())
    .addColumn('counter', millis, (column) => column.notNull())
    .addColumn('transports', text, (column) => column.notNull())
    .addColumn('backed_up', millis, (column) => column.notNull())
    .addColumn('created_at', millis, (column) => column.notNull())
    .addColumn('last_used_at', millis)
    .execute();
  await tx.schema.createIndex('passkeys_user').on('passkeys').column('user_name').execute();
}

async function createSessions(tx: Tx): Promise<void> {
  await tx.schema
    .createTable('sessions')
    .addColumn('id', text, (column) => column.primaryKey())
    .addColumn('user_name', text, (column) => column.notNull())
    .addColumn('host', text)
    .addColumn('parent', text)
    .addColumn('amr', text, (column) => column.notNull())
    .addColumn('auth_time', millis, (column) => column.notNull())
    .addColumn('token_epoch', millis, (column) => column.notNull())
    .addColumn('created_at', millis, (column) => column.notNull())
    .addColumn('last_seen_at', millis, (column) => column.notNull())
    .addColumn('expires_at', millis, (column) => column.notNull())
    .addColumn('address', text, (column) => column.notNull())
    .addColumn('user_agent', text, (column) => column.notNull())
    .execute();
  await tx.schema.createIndex('sessions_user').on('sessions').column('user_name').execute();
  await tx.schema.createIndex('sessions_parent').on('sessions').column('parent').execute();
}

async function createFactors(tx: Tx): Promise<void> {
  await tx.schema
    .createTable('totp_factors')
    .addColumn('id', text, (column) => column.primaryKey())
    .addColumn('user_name', text, (column) => column.notNull())
    .addColumn('created_at', millis, (column) => column.notNull())
    .addColumn('confirmed_at', millis)
    .addColumn('last_step', millis, (column) => column.notNull())
    .execute();
  await tx.schema.createIndex('totp_factors_user').on('totp_factors').column('user_name').execute();
  await tx.schema
    .createTable('recovery_codes')
    .addColumn('hash', text, (column) => column.primaryKey())
    .addColumn('user_name', text, (column) => column.notNull())
    .addColumn('used_at', millis)
    .execute();
  await tx.schema.createIndex('recovery_codes_user').on('recovery_codes').column('user_name').execute();
  await tx.schema
    .createTable('password_resets')
    .addColumn('token_hash', text, (column) => column.primaryKey())
    .addColumn('user_name', text, (column) => column.notNull())
    .addColumn('created_at', millis, (column) => column.notNull())
    .addColumn('expires_at', millis, (column) => column.notNull())
    .execute();
}

async function createSignIns(tx: Tx): Promise<void> {
  await tx.schema
    .createTable('sign_ins')
    .addColumn('id', text, (column) => column.primaryKey())
    .addColumn('user_name', text, (column) => column.notNull())
    .addColumn('handle', text, (column) => column.notNull().unique())
    .addColumn('secret_hash', text, (column) => column.notNull())
    .addColumn('token_epoch', millis, (column) => column.notNull())
    .addColumn('amr', text, (column) => column.notNull())
    .addColumn('auth_time', millis, (column) => column.notNull())
    .addColumn('created_at', millis, (column) => column.notNull())
    .addColumn('used_at', millis, (column) => column.notNull())
    .addColumn('expires_at', millis, (column) => column.notNull())
    .addColumn('access_ends_at', millis, (column) => column.notNull())
    .addColumn('ended_at', millis)
    .execute();
  await tx.schema.createIndex('sign_ins_user').on('sign_ins').columns(['user_name', 'used_at']).execute();
  await tx.schema
    .createTable('known_addresses')
    .addColumn('user_name', text, (column) => column.notNull())
    .addColumn('address', text, (column) => column.notNull())
    .addColumn('seen_at', millis, (column) => column.notNull())
    .addPrimaryKeyConstraint('known_addresses_key', ['user_name', 'address'])
    .modifyEnd(storedByKey)
    .execute();
}

/** Earlier, each key had its own name, which is now its service. Revoked keys were not stored. */
async function giveKeysToServices(tx: Tx): Promise<void> {
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

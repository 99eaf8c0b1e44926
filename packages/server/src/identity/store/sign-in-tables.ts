// Migrations that create the tables of sign-in: factors, passkeys, sessions, providers and failures.
import { fraction, millis, octets, storedByKey, text } from '../../platform/store/columns.ts';
import type { Tx } from '../../platform/store/database.ts';

export async function createProviderLinks(tx: Tx): Promise<void> {
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

export async function createSignInFailures(tx: Tx): Promise<void> {
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

export async function createPasskeys(tx: Tx): Promise<void> {
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

export async function createSessions(tx: Tx): Promise<void> {
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

export async function createFactors(tx: Tx): Promise<void> {
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

export async function createSignIns(tx: Tx): Promise<void> {
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

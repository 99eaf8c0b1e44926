// Users, API keys, services and their names: the only SQL of this capability. The first parameter is a
// connection, of a transaction or for reading.
import type { PrincipalAttributes } from '@gatehouse/access';
import type { Connection, Database, Tx } from '../../platform/database.ts';
import { prepareQuery } from '../../platform/prepared-query.ts';
import { digestPasswordQueries } from './digest-password-queries.ts';
import { factorQueries } from './factor-queries.ts';
import { failureQueries } from './failure-queries.ts';
import { groupQueries } from './group-queries.ts';
import { resetQueries } from './reset-queries.ts';
import type { IdentityTables, PublicKey, Service, StoredKey, User } from './rows.ts';
import { keyFromRow, rowFromKey, rowFromUser, serviceFromRow, userFromRow } from './rows.ts';
import { signInQueries } from './sign-in-queries.ts';

export type { TotpFactor } from './factor-queries.ts';
export type { Group, PublicKey, Service, StoredKey, User, UserInGroups } from './rows.ts';
export type { StoredSignIn } from './sign-in-queries.ts';

export type IdentityStore = ReturnType<typeof createIdentityStore>;

export function createIdentityStore(database: Pick<Database, 'read'>) {
  const within: Within = tables;
  return {
    ...nameQueries(within),
    ...userQueries(database, within),
    ...keyQueries(database, within),
    ...serviceQueries(within),
    ...digestPasswordQueries(within),
    ...groupQueries(within),
    ...factorQueries(within),
    ...signInQueries(database, within),
    ...failureQueries(within),
    ...resetQueries(within),
  };
}

export type Within = (connection: Connection) => ReturnType<typeof tables>;

function tables(connection: Connection) {
  return connection.withTables<IdentityTables>();
}

function nameQueries(within: Within) {
  return {
    /** Takes the name for a user or a service. False if the name is taken, in upper or lower case. */
    async claimName(tx: Tx, name: string): Promise<boolean> {
      const result = await within(tx)
        .insertInto('principal_names')
        .values({ folded: name.toLowerCase() })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst();
      return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
    },
    /** Frees the name. */
    async releaseName(tx: Tx, name: string): Promise<void> {
      await within(tx).deleteFrom('principal_names').where('folded', '=', name.toLowerCase()).execute();
    },
    async countUsers(connection: Connection): Promise<number> {
      const { count } = await within(connection)
        .selectFrom('users')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow();
      return Number(count);
    },
  };
}

function userQueries({ read }: Pick<Database, 'read'>, within: Within) {
  const selectUser = prepareQuery((name: string) =>
    within(read).selectFrom('users').selectAll().where('name', '=', name),
  );
  return {
    async users(connection: Connection): Promise<User[]> {
      return (await within(connection).selectFrom('users').selectAll().orderBy('name').execute()).map(
        userFromRow,
      );
    },
    /** At most `limit` users whose names come after `after`. */
    async usersAfter(connection: Connection, after: string, limit: number): Promise<User[]> {
      const rows = await within(connection)
        .selectFrom('users')
        .selectAll()
        .where('name', '>', after)
        .orderBy('name')
        .limit(limit)
        .execute();
      return rows.map(userFromRow);
    },
    async user(connection: Connection, name: string): Promise<User | undefined> {
      const [row] = await selectUser(connection, name);
      return row && userFromRow(row);
    },
    async insertUser(tx: Tx, user: User): Promise<void> {
      await within(tx).insertInto('users').values(rowFromUser(user)).execute();
    },
    async deleteUser(tx: Tx, name: string): Promise<boolean> {
      const result = await within(tx).deleteFrom('users').where('name', '=', name).executeTakeFirst();
      return result.numDeletedRows > 0n;
    },
    /** Undefined if there is no such user. */
    async changeUser(
      tx: Tx,
      name: string,
      change: {
        roles?: string[];
        disabled?: boolean;
        tokenEpoch?: number;
        attributes?: PrincipalAttributes;
      },
    ): Promise<User | undefined> {
      const row = await within(tx)
        .updateTable('users')
        .set({
          ...(change.roles && { roles: JSON.stringify(change.roles) }),
          ...(change.disabled !== undefined && { disabled: change.disabled ? 1 : 0 }),
          ...(change.tokenEpoch !== undefined && { token_epoch: change.tokenEpoch }),
          ...(change.attributes && { attributes: JSON.stringify(change.attributes) }),
        })
        .where('name', '=', name)
        .returningAll()
        .executeTakeFirst();
      return row && userFromRow(row);
    },
    async setPassword(
      tx: Tx,
      name: string,
      change: { passwordHash: string; tokenEpoch: number },
    ): Promise<boolean> {
      const result = await within(tx)
        .updateTable('users')
        .set({ password_hash: change.passwordHash, token_epoch: change.tokenEpoch })
        .where('name', '=', name)
        .executeTakeFirst();
      return result.numUpdatedRows > 0n;
    },
    /** Writes the same password in a newer form of its hash, unless the password has changed meanwhile. */
    async replaceHash(tx: Tx, { name, passwordHash }: User, newer: string): Promise<void> {
      await within(tx)
        .updateTable('users')
        .set({ password_hash: newer })
        .where('name', '=', name)
        .where('password_hash', '=', passwordHash)
        .execute();
    },
  };
}

function keyQueries({ read }: Pick<Database, 'read'>, within: Within) {
  const selectKey = prepareQuery((id: string) =>
    within(read).selectFrom('api_keys').selectAll().where('id', '=', id),
  );
  return {
    /** By name, then by age; revoked ones too. */
    async keys(connection: Connection): Promise<StoredKey[]> {
      const rows = await within(connection)
        .selectFrom('api_keys')
        .selectAll()
        .orderBy('name')
        .orderBy('created_at')
        .execute();
      return rows.map(keyFromRow);
    },
    /** At most `limit` keys that are neither revoked nor disabled, whose ids come after `after`. */
    async keysAfter(connection: Connection, after: string, limit: number): Promise<StoredKey[]> {
      const rows = await within(connection)
        .selectFrom('api_keys')
        .selectAll()
        .where('id', '>', after)
        .where('revoked_at', 'is', null)
        .where('disabled', '=', 0)
        .orderBy('id')
        .limit(limit)
        .execute();
      return rows.map(keyFromRow);
    },
    async key(connection: Connection, id: string): Promise<StoredKey | undefined> {
      const [row] = await selectKey(connection, id);
      return row && keyFromRow(row);
    },
    /** The key that is not revoked and has this public key. */
    async keyWithPublicKey(connection: Connection, publicKey: PublicKey): Promise<StoredKey | undefined> {
      const row = await within(connection)
        .selectFrom('api_keys')
        .selectAll()
        .where('public_key', '=', JSON.stringify(publicKey))
        .where('revoked_at', 'is', null)
        .executeTakeFirst();
      return row && keyFromRow(row);
    },
    async insertKey(tx: Tx, key: StoredKey): Promise<void> {
      await within(tx).insertInto('api_keys').values(rowFromKey(key)).execute();
    },
    /** Undefined if there is no such key, or if it was revoked before. */
    async revokeKey(tx: Tx, id: string, now: number): Promise<StoredKey | undefined> {
      const row = await within(tx)
        .updateTable('api_keys')
        .set({ revoked_at: now })
        .where('id', '=', id)
        .where('revoked_at', 'is', null)
        .returningAll()
        .executeTakeFirst();
      return row && keyFromRow(row);
    },
    async endKey(tx: Tx, id: string, expiresAt: number): Promise<void> {
      await within(tx).updateTable('api_keys').set({ expires_at: expiresAt }).where('id', '=', id).execute();
    },
    /** What may change about a key, as it is now. */
    async putKeyState(tx: Tx, { id, scopes, addresses, expiresAt, disabled }: StoredKey): Promise<void> {
      const change = {
        scopes: JSON.stringify(scopes),
        addresses: JSON.stringify(addresses),
        expires_at: expiresAt,
        disabled: Number(disabled),
      };
      await within(tx).updateTable('api_keys').set(change).where('id', '=', id).execute();
    },
    /** The keys of a service that are not revoked. */
    async keysOf(connection: Connection, service: string): Promise<StoredKey[]> {
      const rows = await within(connection)
        .selectFrom('api_keys')
        .selectAll()
        .where('name', '=', service)
        .where('revoked_at', 'is', null)
        .orderBy('created_at')
        .execute();
      return rows.map(keyFromRow);
    },
    async countKeys(connection: Connection): Promise<number> {
      const { count } = await within(connection)
        .selectFrom('api_keys')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .where('revoked_at', 'is', null)
        .executeTakeFirstOrThrow();
      return Number(count);
    },
    async touchKey(tx: Tx, id: string, now: number): Promise<void> {
      await within(tx).updateTable('api_keys').set({ last_used_at: now }).where('id', '=', id).execute();
    },
  };
}

function serviceQueries(within: Within) {
  return {
    async services(connection: Connection): Promise<Service[]> {
      const rows = await within(connection).selectFrom('services').selectAll().orderBy('name').execute();
      return rows.map(serviceFromRow);
    },
    /** At most `limit` services whose names come after `after`. */
    async servicesAfter(connection: Connection, after: string, limit: number): Promise<Service[]> {
      const rows = await within(connection)
        .selectFrom('services')
        .selectAll()
        .where('name', '>', after)
        .orderBy('name')
        .limit(limit)
        .execute();
      return rows.map(serviceFromRow);
    },
    async service(connection: Connection, name: string): Promise<Service | undefined> {
      const row = await within(connection)
        .selectFrom('services')
        .selectAll()
        .where('name', '=', name)
        .executeTakeFirst();
      return row && serviceFromRow(row);
    },
    async insertService(tx: Tx, { name, roles, createdAt, attributes, disabled }: Service): Promise<void> {
      await within(tx)
        .insertInto('services')
        .values({
          name,
          roles: JSON.stringify(roles),
          created_at: createdAt,
          attributes: JSON.stringify(attributes),
          disabled: disabled ? 1 : 0,
        })
        .execute();
    },
    /** Undefined if there is no such service. */
    async changeService(
      tx: Tx,
      name: string,
      change: { disabled?: boolean; attributes?: PrincipalAttributes },
    ): Promise<Service | undefined> {
      const row = await within(tx)
        .updateTable('services')
        .set({
          ...(change.disabled !== undefined && { disabled: change.disabled ? 1 : 0 }),
          ...(change.attributes && { attributes: JSON.stringify(change.attributes) }),
        })
        .where('name', '=', name)
        .returningAll()
        .executeTakeFirst();
      return row && serviceFromRow(row);
    },
    async deleteService(tx: Tx, name: string): Promise<boolean> {
      const result = await within(tx).deleteFrom('services').where('name', '=', name).executeTakeFirst();
      return result.numDeletedRows > 0n;
    },
  };
}

// Users in the database.
import type { PrincipalAttributes } from '@gatehouse/access';
import type { Connection, Database, Tx } from '../../platform/store/database.ts';
import { prepareQuery } from '../../platform/store/prepared-query.ts';
import type { User, Within } from './rows.ts';
import { rowFromUser, userFromRow } from './rows.ts';

export function userQueries({ read }: Pick<Database, 'read'>, within: Within) {
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
    async countUsers(connection: Connection): Promise<number> {
      const { count } = await within(connection)
        .selectFrom('users')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow();
      return Number(count);
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
    /** Stores a newer hash of the same password, unless the password has changed in the meantime. */
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

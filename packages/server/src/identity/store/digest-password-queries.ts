// The SQL of passwords for programs. The passwords themselves are in the key store.
import type { Connection, Tx } from '../../platform/store/database.ts';
import type { Within } from './rows.ts';

export function digestPasswordQueries(within: Within) {
  return {
    /** At most `limit` names of users who have such a password, after the name `after`. */
    async digestPasswordsAfter(connection: Connection, after: string, limit: number): Promise<string[]> {
      const rows = await within(connection)
        .selectFrom('digest_passwords')
        .select('name')
        .where('name', '>', after)
        .orderBy('name')
        .limit(limit)
        .execute();
      return rows.map(({ name }) => name);
    },
    /** When it was made; undefined if the user has none. */
    async digestPasswordSince(connection: Connection, name: string): Promise<number | undefined> {
      const row = await within(connection)
        .selectFrom('digest_passwords')
        .select('created_at')
        .where('name', '=', name)
        .executeTakeFirst();
      return row?.created_at;
    },
    async insertDigestPassword(tx: Tx, name: string, createdAt: number): Promise<void> {
      await within(tx).insertInto('digest_passwords').values({ name, created_at: createdAt }).execute();
    },
    async deleteDigestPassword(tx: Tx, name: string): Promise<boolean> {
      const result = await within(tx)
        .deleteFrom('digest_passwords')
        .where('name', '=', name)
        .executeTakeFirst();
      return result.numDeletedRows > 0n;
    },
  };
}

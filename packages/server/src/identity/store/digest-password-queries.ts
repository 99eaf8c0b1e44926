// Which users have a password for Digest (RFC 7616). The password itself is not here.
import type { Connection, Tx } from '../../platform/database.ts';
import type { Within } from './rows.ts';

export function digestPasswordQueries(within: Within) {
  return {
    /** At most `limit` names of users who have one, which come after `after`. */
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

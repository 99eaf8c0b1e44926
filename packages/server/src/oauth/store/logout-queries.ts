// Messages about sign-outs that clients have not accepted yet.
import type { ExpressionBuilder } from 'kysely';
import type { Connection, Tx } from '../../platform/store/database.ts';
import type { LogoutRow, OauthTables, Within } from './rows.ts';

export function logoutQueries(within: Within) {
  return {
    /** False if there is already one for this `sid`. */
    async insertLogout(tx: Tx, row: LogoutRow): Promise<boolean> {
      const { numInsertedOrUpdatedRows = 0n } = await within(tx)
        .insertInto('oauth_logouts')
        .values(row)
        .onConflict((conflict) => conflict.column('sid').doNothing())
        .executeTakeFirst();
      return numInsertedOrUpdatedRows > 0n;
    },
    async clientsWithDueLogouts(connection: Connection, now: number): Promise<string[]> {
      const rows = await within(connection)
        .selectFrom('oauth_logouts')
        .select('client')
        .distinct()
        .where(isDue(now))
        .execute();
      return rows.map(({ client }) => client);
    },
    /** The oldest first. */
    async dueLogouts(
      connection: Connection,
      { client, now, limit }: { client: string; now: number; limit: number },
    ): Promise<LogoutRow[]> {
      return within(connection)
        .selectFrom('oauth_logouts')
        .selectAll()
        .where('client', '=', client)
        .where(isDue(now))
        .orderBy('due_at')
        .limit(limit)
        .execute();
    },
    async updateLogout(
      tx: Tx,
      sid: string,
      change: Pick<LogoutRow, 'failures' | 'due_at' | 'ends_at'>,
    ): Promise<void> {
      await within(tx).updateTable('oauth_logouts').set(change).where('sid', '=', sid).execute();
    },
  };
}

/** The messages that are due. Also those that would be due much later, because the clock was set back. */
function isDue(now: number) {
  return ({ or, eb }: ExpressionBuilder<OauthTables, 'oauth_logouts'>) =>
    or([eb('due_at', '<=', now), eb('due_at', '>', now + LONGEST_WAIT_MS)]);
}

const LONGEST_WAIT_MS = 3600 * 1000;

// Links to choose a new password. Only the hash of a link's token is stored.
import type { Connection, Tx } from '../../platform/store/database.ts';
import type { Within } from './rows.ts';

export interface PasswordReset {
  tokenHash: string;
  /** The name of its user. */
  user: string;
  createdAt: number;
  expiresAt: number;
}

export function resetQueries(within: Within) {
  return {
    /** A new link replaces those that the user had. */
    async insertReset(tx: Tx, { tokenHash, user, createdAt, expiresAt }: PasswordReset): Promise<void> {
      await within(tx).deleteFrom('password_resets').where('user_name', '=', user).execute();
      await within(tx)
        .insertInto('password_resets')
        .values({ token_hash: tokenHash, user_name: user, created_at: createdAt, expires_at: expiresAt })
        .execute();
    },
    async reset(connection: Connection, tokenHash: string): Promise<PasswordReset | undefined> {
      const row = await within(connection)
        .selectFrom('password_resets')
        .selectAll()
        .where('token_hash', '=', tokenHash)
        .executeTakeFirst();
      if (!row) return undefined;
      const { user_name: user, created_at: createdAt, expires_at: expiresAt } = row;
      return { tokenHash, user, createdAt, expiresAt };
    },
    /** Deletes a link. False if it was already deleted. */
    async takeReset(tx: Tx, tokenHash: string): Promise<boolean> {
      const result = await within(tx)
        .deleteFrom('password_resets')
        .where('token_hash', '=', tokenHash)
        .executeTakeFirst();
      return result.numDeletedRows > 0n;
    },
    async deleteResetsOf(tx: Tx, user: string): Promise<void> {
      await within(tx).deleteFrom('password_resets').where('user_name', '=', user).execute();
    },
    async pruneResets(tx: Tx, now: number): Promise<void> {
      await within(tx).deleteFrom('password_resets').where('expires_at', '<=', now).execute();
    },
  };
}

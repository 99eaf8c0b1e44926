// Second factors: TOTP, whose secret is in the key store, and recovery codes, of which only hashes are
// stored.
import type { Connection, Tx } from '../../platform/store/database.ts';
import type { IdentityTables, Within } from './rows.ts';

export interface TotpFactor {
  id: string;
  /** The name of its user. */
  user: string;
  createdAt: number;
  /** Null until the user has proved that they have the secret. */
  confirmedAt: number | null;
  /** The time step of the last accepted code. It and all earlier ones are used (RFC 6238 §5.2). */
  lastStep: number;
}

export function factorQueries(within: Within) {
  return {
    /** The factor of a user: the confirmed one, or the one that waits for its confirmation. */
    async totp(
      connection: Connection,
      user: string,
      state: 'confirmed' | 'waiting',
    ): Promise<TotpFactor | undefined> {
      const row = await within(connection)
        .selectFrom('totp_factors')
        .selectAll()
        .where('user_name', '=', user)
        .where('confirmed_at', state === 'confirmed' ? 'is not' : 'is', null)
        .executeTakeFirst();
      return row && factorFromRow(row);
    },
    async insertTotp(tx: Tx, factor: TotpFactor): Promise<void> {
      await within(tx)
        .insertInto('totp_factors')
        .values({
          id: factor.id,
          user_name: factor.user,
          created_at: factor.createdAt,
          confirmed_at: factor.confirmedAt,
          last_step: factor.lastStep,
        })
        .execute();
    },
    /**
     * Marks a time step as used. False if it or a later one was used before, or if the factor was removed.
     */
    async useStep(tx: Tx, id: string, step: number): Promise<boolean> {
      const result = await within(tx)
        .updateTable('totp_factors')
        .set({ last_step: step })
        .where('id', '=', id)
        .where('last_step', '<', step)
        .executeTakeFirst();
      return result.numUpdatedRows > 0n;
    },
    async confirmTotp(tx: Tx, id: string, now: number): Promise<void> {
      await within(tx).updateTable('totp_factors').set({ confirmed_at: now }).where('id', '=', id).execute();
    },
    /** Deletes all factors of a user and returns their ids, or only those that wait for confirmation. */
    async deleteTotp(tx: Tx, user: string, which: 'all' | 'waiting' = 'all'): Promise<string[]> {
      let query = within(tx).deleteFrom('totp_factors').where('user_name', '=', user).returning('id');
      if (which === 'waiting') query = query.where('confirmed_at', 'is', null);
      return (await query.execute()).map(({ id }) => id);
    },
    /** Replaces the recovery codes of a user. */
    async replaceRecoveryCodes(tx: Tx, user: string, hashes: readonly string[]): Promise<void> {
      await within(tx).deleteFrom('recovery_codes').where('user_name', '=', user).execute();
      const rows = hashes.map((hash) => ({ hash, user_name: user, used_at: null }));
      if (rows.length > 0) await within(tx).insertInto('recovery_codes').values(rows).execute();
    },
    /** Marks a recovery code as used. False if the user has no such code, or has used it before. */
    async useRecoveryCode(tx: Tx, { user, hash }: { user: string; hash: string }, now: number) {
      const result = await within(tx)
        .updateTable('recovery_codes')
        .set({ used_at: now })
        .where('hash', '=', hash)
        .where('user_name', '=', user)
        .where('used_at', 'is', null)
        .executeTakeFirst();
      return result.numUpdatedRows > 0n;
    },
    /** How many recovery codes the user has left. */
    async recoveryCodesLeft(connection: Connection, user: string): Promise<number> {
      const { count } = await within(connection)
        .selectFrom('recovery_codes')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .where('user_name', '=', user)
        .where('used_at', 'is', null)
        .executeTakeFirstOrThrow();
      return Number(count);
    },
  };
}

function factorFromRow(row: IdentityTables['totp_factors']): TotpFactor {
  return {
    id: row.id,
    user: row.user_name,
    createdAt: row.created_at,
    confirmedAt: row.confirmed_at,
    lastStep: row.last_step,
  };
}

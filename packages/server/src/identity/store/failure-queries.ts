// The counts of failed sign-ins.
import type { Connection, Tx } from '../../platform/store/database.ts';
import type { Within } from './rows.ts';

export interface StoredFailure {
  limit: string;
  key: string;
  tokens: number;
  at: number;
  /** The row expires then. 0: remove it. */
  endsAt: number;
}

export function failureQueries(within: Within) {
  return {
    /** The last changed row comes last. */
    async failures(connection: Connection, now: number): Promise<StoredFailure[]> {
      const rows = await within(connection)
        .selectFrom('sign_in_failures')
        .selectAll()
        .where('ends_at', '>', now)
        .orderBy('at')
        .execute();
      return rows.map(({ limit_name: limit, ends_at: endsAt, ...row }) => ({ ...row, limit, endsAt }));
    },
    /** Also removes expired rows. */
    async replaceFailures(tx: Tx, failures: readonly StoredFailure[], now: number): Promise<void> {
      await within(tx).deleteFrom('sign_in_failures').where('ends_at', '<=', now).execute();
      for (const { limit, key, tokens, at, endsAt } of failures) {
        if (endsAt > now) {
          const row = { limit_name: limit, key, tokens, at, ends_at: endsAt };
          await within(tx).replaceInto('sign_in_failures').values(row).execute();
        } else {
          const rows = within(tx).deleteFrom('sign_in_failures');
          await rows.where('limit_name', '=', limit).where('key', '=', key).execute();
        }
      }
    },
  };
}

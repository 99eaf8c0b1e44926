// The names of users and services. Each can be taken only once, in upper or lower case.
import type { Tx } from '../../platform/store/database.ts';
import type { Within } from './rows.ts';

export function nameQueries(within: Within) {
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
  };
}

// Artifacts of the authorization server, and the ids of revoked tokens and grants.
import type { Connection, Tx } from '../../platform/store/database.ts';
import type { ArtifactRow, Within } from './rows.ts';

export function artifactQueries(within: Within) {
  return {
    async artifact(connection: Connection, key: string): Promise<ArtifactRow | undefined> {
      return within(connection)
        .selectFrom('oauth_artifacts')
        .selectAll()
        .where('key', '=', key)
        .executeTakeFirst();
    },
    async artifactByLookup(
      connection: Connection,
      lookupKey: string,
      kind: string,
    ): Promise<ArtifactRow | undefined> {
      return within(connection)
        .selectFrom('oauth_artifacts')
        .selectAll()
        .where('lookup_key', '=', lookupKey)
        .where('kind', '=', kind)
        .executeTakeFirst();
    },
    async artifactsOfAccount(connection: Connection, account: string, kind: string): Promise<ArtifactRow[]> {
      return within(connection)
        .selectFrom('oauth_artifacts')
        .selectAll()
        .where('account', '=', account)
        .where('kind', '=', kind)
        .execute();
    },
    async putArtifact(tx: Tx, { key, ...row }: ArtifactRow): Promise<true> {
      await within(tx)
        .insertInto('oauth_artifacts')
        .values({ key, ...row })
        .onConflict((conflict) => conflict.column('key').doUpdateSet(row))
        .execute();
      return true;
    },
    /** False if it already exists. */
    async insertArtifact(tx: Tx, row: ArtifactRow): Promise<boolean> {
      const { numInsertedOrUpdatedRows = 0n } = await within(tx)
        .insertInto('oauth_artifacts')
        .values(row)
        .onConflict((conflict) => conflict.column('key').doNothing())
        .executeTakeFirst();
      return numInsertedOrUpdatedRows > 0n;
    },
    async deleteArtifact(tx: Tx, key: string): Promise<void> {
      await within(tx).deleteFrom('oauth_artifacts').where('key', '=', key).execute();
    },
    /** False if it does not exist or was consumed before. Of two calls at the same time, one gets true. */
    async consumeArtifact(tx: Tx, key: string, now: number): Promise<boolean> {
      const { numUpdatedRows } = await within(tx)
        .updateTable('oauth_artifacts')
        .set({ consumed_at: now })
        .where('key', '=', key)
        .where('consumed_at', 'is', null)
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },
    async deleteOfGrant(tx: Tx, kind: string, grantKey: string): Promise<void> {
      await within(tx)
        .deleteFrom('oauth_artifacts')
        .where('grant_key', '=', grantKey)
        .where('kind', '=', kind)
        .execute();
    },
    /** The artifacts for a person. */
    async deleteOfAccount(tx: Tx, account: string): Promise<void> {
      await within(tx).deleteFrom('oauth_artifacts').where('account', '=', account).execute();
    },
    async deleteOfClient(tx: Tx, client: string): Promise<void> {
      await within(tx).deleteFrom('oauth_artifacts').where('client', '=', client).execute();
    },
    async revoke(tx: Tx, id: string, endsAt: number): Promise<void> {
      await within(tx)
        .insertInto('oauth_revocations')
        .values({ id, ends_at: endsAt })
        .onConflict((conflict) => conflict.column('id').doUpdateSet({ ends_at: endsAt }))
        .execute();
    },
    async revocation(connection: Connection, id: string): Promise<number | undefined> {
      const row = await within(connection)
        .selectFrom('oauth_revocations')
        .select('ends_at')
        .where('id', '=', id)
        .executeTakeFirst();
      return row?.ends_at;
    },
    /** At most `limit` revocations whose ids come after `after`. */
    async revocationsAfter(connection: Connection, after: string, limit: number) {
      return within(connection)
        .selectFrom('oauth_revocations')
        .selectAll()
        .where('id', '>', after)
        .orderBy('id')
        .limit(limit)
        .execute();
    },
    /** Removes the rows that expired before this time. */
    async prune(tx: Tx, time: number): Promise<void> {
      await within(tx).deleteFrom('oauth_artifacts').where('ends_at', '<=', time).execute();
      await within(tx).deleteFrom('oauth_revocations').where('ends_at', '<=', time).execute();
      await within(tx).deleteFrom('oauth_client_secrets').where('ends_at', '<=', time).execute();
      await within(tx)
        .deleteFrom('oauth_logouts')
        .where('due_at', 'is', null)
        .where('ends_at', '<=', time)
        .execute();
    },
  };
}

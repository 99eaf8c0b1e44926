// API keys, and the public keys that sign requests, in the database.
import type { Connection, Database, Tx } from '../../platform/store/database.ts';
import { prepareQuery } from '../../platform/store/prepared-query.ts';
import type { PublicKey, StoredKey, Within } from './rows.ts';
import { keyFromRow, rowFromKey } from './rows.ts';

export function keyQueries({ read }: Pick<Database, 'read'>, within: Within) {
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
    /** The current values of a key that may change. */
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

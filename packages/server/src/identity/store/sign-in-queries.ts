// Sign-ins with their refresh tokens, and the addresses from which users have signed in.
import type { Connection, Database, Tx } from '../../platform/store/database.ts';
import { prepareQuery } from '../../platform/store/prepared-query.ts';
import type { IdentityTables, Within } from './rows.ts';

export interface StoredSignIn {
  /** `sid` in its access tokens. */
  id: string;
  /** The name of its user. */
  user: string;
  /** The part of the refresh token that stays when it rotates. */
  handle: string;
  /** SHA-256 of the part that rotates. */
  secretHash: string;
  /** The epoch of the user's tokens at the sign-in. */
  tokenEpoch: number;
  amr: string[];
  /** NumericDate. */
  authTime: number;
  createdAt: number;
  /** When it last gave an access token. */
  usedAt: number;
  expiresAt: number;
  /** When its last access token expires. */
  accessEndsAt: number;
  /** Null while it lasts. */
  endedAt: number | null;
}

export function signInQueries({ read }: Pick<Database, 'read'>, within: Within) {
  const selectAddress = prepareQuery((user: string, address: string) =>
    within(read)
      .selectFrom('known_addresses')
      .select('seen_at')
      .where('user_name', '=', user)
      .where('address', '=', address),
  );
  return {
    async insertSignIn(tx: Tx, signIn: StoredSignIn): Promise<void> {
      await within(tx).insertInto('sign_ins').values(rowFromSignIn(signIn)).execute();
    },
    async signIn(connection: Connection, id: string): Promise<StoredSignIn | undefined> {
      const row = await within(connection)
        .selectFrom('sign_ins')
        .selectAll()
        .where('id', '=', id)
        .executeTakeFirst();
      return row && signInFromRow(row);
    },
    async signInWithHandle(connection: Connection, handle: string): Promise<StoredSignIn | undefined> {
      const row = await within(connection)
        .selectFrom('sign_ins')
        .selectAll()
        .where('handle', '=', handle)
        .executeTakeFirst();
      return row && signInFromRow(row);
    },
    /** Records that the refresh token was replaced and an access token issued. */
    async refreshSignIn(tx: Tx, { id, secretHash, usedAt, accessEndsAt }: StoredSignIn): Promise<void> {
      await within(tx)
        .updateTable('sign_ins')
        .set({ secret_hash: secretHash, used_at: usedAt, access_ends_at: accessEndsAt })
        .where('id', '=', id)
        .execute();
    },
    /** False if it had ended before. */
    async endSignIn(tx: Tx, id: string, now: number): Promise<boolean> {
      const result = await within(tx)
        .updateTable('sign_ins')
        .set({ ended_at: now })
        .where('id', '=', id)
        .where('ended_at', 'is', null)
        .executeTakeFirst();
      return result.numUpdatedRows > 0n;
    },
    /** The sign-ins of a user that have not ended, the last used one first. */
    async signInsOf(connection: Connection, user: string): Promise<StoredSignIn[]> {
      const rows = await within(connection)
        .selectFrom('sign_ins')
        .selectAll()
        .where('user_name', '=', user)
        .where('ended_at', 'is', null)
        .orderBy('used_at', 'desc')
        .execute();
      return rows.map(signInFromRow);
    },
    /** At most `limit` sign-ins that have ended, whose ids come after `after`. */
    async endedSignInsAfter(connection: Connection, after: string, limit: number): Promise<StoredSignIn[]> {
      const rows = await within(connection)
        .selectFrom('sign_ins')
        .selectAll()
        .where('id', '>', after)
        .where('ended_at', 'is not', null)
        .orderBy('id')
        .limit(limit)
        .execute();
      return rows.map(signInFromRow);
    },
    async deleteSignInsOf(tx: Tx, user: string): Promise<void> {
      await within(tx).deleteFrom('sign_ins').where('user_name', '=', user).execute();
    },
    /**
     * Deletes sign-ins that can give no more tokens: ended or expired, with all access tokens expired, or
     * unused since `idleSince`.
     */
    async pruneSignIns(tx: Tx, { now, idleSince }: { now: number; idleSince: number }): Promise<void> {
      await within(tx)
        .deleteFrom('sign_ins')
        .where('access_ends_at', '<', now)
        .where(({ or, eb }) =>
          or([eb('ended_at', 'is not', null), eb('expires_at', '<', now), eb('used_at', '<', idleSince)]),
        )
        .execute();
    },
    /** Whether the user has signed in from this address share before. */
    async isKnownAddress(connection: Connection, user: string, address: string): Promise<boolean> {
      return (await selectAddress(connection, user, address)).length > 0;
    },
    /**
     * Remembers an address share of a user. Beyond `limit`, the one without a sign-in for the longest time is
     * removed.
     */
    async knowAddress(
      tx: Tx,
      { user, address, limit }: { user: string; address: string; limit: number },
      now: number,
    ): Promise<void> {
      await within(tx)
        .insertInto('known_addresses')
        .values({ user_name: user, address, seen_at: now })
        .onConflict((conflict) => conflict.columns(['user_name', 'address']).doUpdateSet({ seen_at: now }))
        .execute();
      const old = await within(tx)
        .selectFrom('known_addresses')
        .select('address')
        .where('user_name', '=', user)
        .orderBy('seen_at', 'desc')
        .offset(limit)
        .limit(limit)
        .execute();
      for (const { address: forgotten } of old) {
        await within(tx)
          .deleteFrom('known_addresses')
          .where('user_name', '=', user)
          .where('address', '=', forgotten)
          .execute();
      }
    },
    async forgetAddresses(tx: Tx, user: string): Promise<void> {
      await within(tx).deleteFrom('known_addresses').where('user_name', '=', user).execute();
    },
  };
}

function signInFromRow(row: IdentityTables['sign_ins']): StoredSignIn {
  return {
    id: row.id,
    user: row.user_name,
    handle: row.handle,
    secretHash: row.secret_hash,
    tokenEpoch: row.token_epoch,
    amr: JSON.parse(row.amr),
    authTime: row.auth_time,
    createdAt: row.created_at,
    usedAt: row.used_at,
    expiresAt: row.expires_at,
    accessEndsAt: row.access_ends_at,
    endedAt: row.ended_at,
  };
}

function rowFromSignIn(signIn: StoredSignIn): IdentityTables['sign_ins'] {
  return {
    id: signIn.id,
    user_name: signIn.user,
    handle: signIn.handle,
    secret_hash: signIn.secretHash,
    token_epoch: signIn.tokenEpoch,
    amr: JSON.stringify(signIn.amr),
    auth_time: signIn.authTime,
    created_at: signIn.createdAt,
    used_at: signIn.usedAt,
    expires_at: signIn.expiresAt,
    access_ends_at: signIn.accessEndsAt,
    ended_at: signIn.endedAt,
  };
}

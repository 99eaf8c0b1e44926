// Passkeys of users: public keys, and the times of their use. The SQL, the table and its rows.
import type { Connection, Tx } from '../../platform/store/database.ts';

export interface PasskeyRow {
  id: string;
  user_name: string;
  user_handle: string;
  name: string;
  public_key: Uint8Array;
  counter: number;
  transports: string;
  backed_up: number;
  created_at: number;
  last_used_at: number | null;
}

export interface Passkey {
  /** The credential id, in base64url. */
  id: string;
  user: string;
  /** A random handle, which authenticators store instead of the user's name (WebAuthn L3 §14.6.1). */
  userHandle: string;
  /** For people. */
  name: string;
  /** COSE (RFC 9052 §7). */
  publicKey: Uint8Array;
  /** How often it was used, if the authenticator counts; else 0 (WebAuthn L3 §6.1.1). */
  counter: number;
  transports: string[];
  /** Whether its owner has it on other devices, too. */
  isBackedUp: boolean;
  /** Milliseconds since the epoch, like all times here. */
  createdAt: number;
  lastUsedAt: number | null;
}

export type PasskeyStore = ReturnType<typeof createPasskeyQueries>;

export function createPasskeyQueries() {
  const within = (connection: Connection) => connection.withTables<{ passkeys: PasskeyRow }>();
  return {
    async insertPasskey(tx: Tx, passkey: Passkey): Promise<void> {
      await within(tx).insertInto('passkeys').values(rowFromPasskey(passkey)).execute();
    },
    async passkey(connection: Connection, id: string): Promise<Passkey | undefined> {
      const row = await within(connection)
        .selectFrom('passkeys')
        .selectAll()
        .where('id', '=', id)
        .executeTakeFirst();
      return row && passkeyFromRow(row);
    },
    /** The oldest first. */
    async passkeysOf(connection: Connection, user: string): Promise<Passkey[]> {
      const rows = await within(connection)
        .selectFrom('passkeys')
        .selectAll()
        .where('user_name', '=', user)
        .orderBy('created_at')
        .execute();
      return rows.map(passkeyFromRow);
    },
    /** False if the counter has changed in the meantime. */
    async usePasskey(
      tx: Tx,
      { id, counter: before }: Pick<Passkey, 'id' | 'counter'>,
      use: { counter: number; isBackedUp: boolean; at: number },
    ): Promise<boolean> {
      const result = await within(tx)
        .updateTable('passkeys')
        .set({ counter: use.counter, backed_up: use.isBackedUp ? 1 : 0, last_used_at: use.at })
        .where('id', '=', id)
        .where('counter', '=', before)
        .executeTakeFirst();
      return result.numUpdatedRows > 0n;
    },
    async renamePasskey(tx: Tx, { id, user, name }: Pick<Passkey, 'id' | 'user' | 'name'>): Promise<boolean> {
      const result = await within(tx)
        .updateTable('passkeys')
        .set({ name })
        .where('id', '=', id)
        .where('user_name', '=', user)
        .executeTakeFirst();
      return result.numUpdatedRows > 0n;
    },
    async deletePasskey(tx: Tx, { id, user }: Pick<Passkey, 'id' | 'user'>): Promise<boolean> {
      const result = await within(tx)
        .deleteFrom('passkeys')
        .where('id', '=', id)
        .where('user_name', '=', user)
        .executeTakeFirst();
      return result.numDeletedRows > 0n;
    },
    async deletePasskeysOf(tx: Tx, user: string): Promise<void> {
      await within(tx).deleteFrom('passkeys').where('user_name', '=', user).execute();
    },
  };
}

function passkeyFromRow(row: PasskeyRow): Passkey {
  return {
    id: row.id,
    user: row.user_name,
    userHandle: row.user_handle,
    name: row.name,
    publicKey: new Uint8Array(row.public_key),
    counter: row.counter,
    transports: JSON.parse(row.transports),
    isBackedUp: row.backed_up !== 0,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
  };
}

function rowFromPasskey(passkey: Passkey): PasskeyRow {
  return {
    id: passkey.id,
    user_name: passkey.user,
    user_handle: passkey.userHandle,
    name: passkey.name,
    public_key: passkey.publicKey,
    counter: passkey.counter,
    transports: JSON.stringify(passkey.transports),
    backed_up: passkey.isBackedUp ? 1 : 0,
    created_at: passkey.createdAt,
    last_used_at: passkey.lastUsedAt,
  };
}

// The tables of the keyring. The keys themselves are sealed secrets.
import { millis, text } from '../platform/store/columns.ts';
import type { Connection, Tx } from '../platform/store/database.ts';
import type { Migration } from '../platform/store/migrations.ts';

/** `next` is published, `active` signs, `retiring` only verifies. */
export type SigningKeyState = 'next' | 'active' | 'retiring';

export interface SigningKeyRow {
  kid: string;
  /** The use: what it signs. */
  use: string;
  state: SigningKeyState;
  /** The name of its sealed secret. */
  secret: string;
  /** Milliseconds since 1970, like the others. */
  created_at: number;
  signs_at: number;
  /** When its last signature expires; null until another key signs. */
  ends_at: number | null;
}

type Tables = { signing_keys: SigningKeyRow };

export const keyringMigrations: Migration[] = [
  {
    name: 'keyring/0001-signing-keys',
    up: (tx) =>
      tx.schema
        .createTable('signing_keys')
        .addColumn('kid', text, (column) => column.primaryKey())
        .addColumn('use', text, (column) => column.notNull())
        .addColumn('state', text, (column) => column.notNull())
        .addColumn('secret', text, (column) => column.notNull())
        .addColumn('created_at', millis, (column) => column.notNull())
        .addColumn('signs_at', millis, (column) => column.notNull())
        .addColumn('ends_at', millis)
        .execute(),
  },
];

/** The keys of one use, or of all, the newest last. */
export async function readKeys(connection: Connection, use?: string): Promise<SigningKeyRow[]> {
  const keys = within(connection).selectFrom('signing_keys').selectAll();
  const wanted = use === undefined ? keys : keys.where('use', '=', use);
  return wanted.orderBy('signs_at').orderBy('created_at').execute();
}

export async function insertKey(tx: Tx, row: SigningKeyRow): Promise<void> {
  await within(tx).insertInto('signing_keys').values(row).execute();
}

export async function updateKey(
  tx: Tx,
  kid: string,
  change: Partial<Pick<SigningKeyRow, 'state' | 'ends_at'>>,
): Promise<void> {
  await within(tx).updateTable('signing_keys').set(change).where('kid', '=', kid).execute();
}

export async function deleteKey(tx: Tx, kid: string): Promise<void> {
  await within(tx).deleteFrom('signing_keys').where('kid', '=', kid).execute();
}

function within(connection: Connection) {
  return connection.withTables<Tables>();
}

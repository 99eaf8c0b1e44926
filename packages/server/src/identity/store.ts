// Users, API keys and services: the only SQL of this capability.
import { sql } from 'kysely';
import type { Database, Tx } from '../platform/database.ts';
import type { Migration } from '../platform/migrations.ts';

type IdentityTables = {
  users: {
    name: string;
    password_hash: string;
    roles: string;
    disabled: number;
    created_at: number;
    token_epoch: number;
  };
  api_keys: {
    id: string;
    name: string;
    secret_hash: string;
    roles: string;
    created_at: number;
    expires_at: number | null;
    last_used_at: number | null;
  };
  services: { name: string; roles: string; created_at: number };
};

export interface User {
  name: string;
  passwordHash: string;
  roles: string[];
  disabled: boolean;
  /** Milliseconds since the epoch, as all times here. */
  createdAt: number;
  /** Tokens carry it; it changes with the password, and a user made anew under an old name has another. */
  tokenEpoch: number;
}

export interface StoredKey {
  id: string;
  name: string;
  secretHash: string;
  roles: string[];
  createdAt: number;
  expiresAt: number | null;
  lastUsedAt: number | null;
}

export interface Service {
  name: string;
  roles: string[];
  createdAt: number;
}

export const identityMigrations: Migration[] = [
  {
    name: 'identity/0001-users',
    up: (tx) =>
      tx.schema
        .createTable('users')
        .addColumn('name', 'text', (column) => column.primaryKey())
        .addColumn('password_hash', 'text', (column) => column.notNull())
        .addColumn('roles', 'text', (column) => column.notNull())
        .addColumn('disabled', 'integer', (column) => column.notNull())
        .addColumn('created_at', 'integer', (column) => column.notNull())
        .addColumn('token_epoch', 'integer', (column) => column.notNull())
        .execute(),
  },
  {
    name: 'identity/0002-api-keys',
    up: (tx) =>
      tx.schema
        .createTable('api_keys')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('name', 'text', (column) => column.notNull().unique())
        .addColumn('secret_hash', 'text', (column) => column.notNull())
        .addColumn('roles', 'text', (column) => column.notNull())
        .addColumn('created_at', 'integer', (column) => column.notNull())
        .addColumn('expires_at', 'integer')
        .addColumn('last_used_at', 'integer')
        .execute(),
  },
  {
    name: 'identity/0003-services',
    up: (tx) =>
      tx.schema
        .createTable('services')
        .addColumn('name', 'text', (column) => column.primaryKey())
        .addColumn('roles', 'text', (column) => column.notNull())
        .addColumn('created_at', 'integer', (column) => column.notNull())
        .execute(),
  },
];

export type IdentityStore = ReturnType<typeof createIdentityStore>;

export function createIdentityStore(database: Database) {
  const within = (tx: Tx) => tx.withTables<IdentityTables>();
  const read = within(database.read);
  return {
    async users(): Promise<User[]> {
      return (await read.selectFrom('users').selectAll().orderBy('name').execute()).map(userFromRow);
    },
    /** Without `tx` as it was committed last. */
    async user(name: string, tx: Tx = database.read): Promise<User | undefined> {
      const row = await within(tx)
        .selectFrom('users')
        .selectAll()
        .where('name', '=', name)
        .executeTakeFirst();
      return row && userFromRow(row);
    },
    async keys(): Promise<StoredKey[]> {
      return (await read.selectFrom('api_keys').selectAll().orderBy('name').execute()).map(keyFromRow);
    },
    /** Whether a user, a key or a service has the name, in upper or lower case: an upstream may not tell them apart. */
    async nameTaken(tx: Tx, name: string): Promise<boolean> {
      const same = sql<boolean>`lower(name) = ${name.toLowerCase()}`;
      const user = await within(tx).selectFrom('users').select('name').where(same).executeTakeFirst();
      const key = await within(tx).selectFrom('api_keys').select('name').where(same).executeTakeFirst();
      const service = await within(tx).selectFrom('services').select('name').where(same).executeTakeFirst();
      return user !== undefined || key !== undefined || service !== undefined;
    },
    async insertUser(tx: Tx, user: User): Promise<void> {
      await within(tx).insertInto('users').values(rowFromUser(user)).execute();
    },
    async deleteUser(tx: Tx, name: string): Promise<boolean> {
      const result = await within(tx).deleteFrom('users').where('name', '=', name).executeTakeFirst();
      return result.numDeletedRows > 0n;
    },
    async setPassword(
      tx: Tx,
      name: string,
      change: { passwordHash: string; tokenEpoch: number },
    ): Promise<boolean> {
      const result = await within(tx)
        .updateTable('users')
        .set({ password_hash: change.passwordHash, token_epoch: change.tokenEpoch })
        .where('name', '=', name)
        .executeTakeFirst();
      return result.numUpdatedRows > 0n;
    },
    async insertKey(tx: Tx, key: StoredKey): Promise<void> {
      await within(tx).insertInto('api_keys').values(rowFromKey(key)).execute();
    },
    async deleteKey(tx: Tx, id: string): Promise<StoredKey | undefined> {
      const row = await within(tx)
        .deleteFrom('api_keys')
        .where('id', '=', id)
        .returningAll()
        .executeTakeFirst();
      return row && keyFromRow(row);
    },
    /** When the key was last used: null for never, undefined when there is no such key. */
    async keyLastUsedAt(tx: Tx, id: string): Promise<number | null | undefined> {
      const row = await within(tx)
        .selectFrom('api_keys')
        .select('last_used_at')
        .where('id', '=', id)
        .executeTakeFirst();
      return row?.last_used_at;
    },
    async touchKey(tx: Tx, id: string, now: number): Promise<void> {
      await within(tx).updateTable('api_keys').set({ last_used_at: now }).where('id', '=', id).execute();
    },
    async services(): Promise<Service[]> {
      return (await read.selectFrom('services').selectAll().orderBy('name').execute()).map(serviceFromRow);
    },
    async service(tx: Tx, name: string): Promise<Service | undefined> {
      const row = await within(tx)
        .selectFrom('services')
        .selectAll()
        .where('name', '=', name)
        .executeTakeFirst();
      return row && serviceFromRow(row);
    },
    async insertService(tx: Tx, { name, roles, createdAt }: Service): Promise<void> {
      const row = { name, roles: JSON.stringify(roles), created_at: createdAt };
      await within(tx).insertInto('services').values(row).execute();
    },
    async deleteService(tx: Tx, name: string): Promise<boolean> {
      const result = await within(tx).deleteFrom('services').where('name', '=', name).executeTakeFirst();
      return result.numDeletedRows > 0n;
    },
  };
}

function serviceFromRow(row: IdentityTables['services']): Service {
  return { name: row.name, roles: JSON.parse(row.roles), createdAt: row.created_at };
}

function userFromRow(row: IdentityTables['users']): User {
  return {
    name: row.name,
    passwordHash: row.password_hash,
    roles: JSON.parse(row.roles),
    disabled: row.disabled !== 0,
    createdAt: row.created_at,
    tokenEpoch: row.token_epoch,
  };
}

function rowFromUser(user: User): IdentityTables['users'] {
  return {
    name: user.name,
    password_hash: user.passwordHash,
    roles: JSON.stringify(user.roles),
    disabled: user.disabled ? 1 : 0,
    created_at: user.createdAt,
    token_epoch: user.tokenEpoch,
  };
}

function keyFromRow(row: IdentityTables['api_keys']): StoredKey {
  return {
    id: row.id,
    name: row.name,
    secretHash: row.secret_hash,
    roles: JSON.parse(row.roles),
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
  };
}

function rowFromKey(key: StoredKey): IdentityTables['api_keys'] {
  return {
    id: key.id,
    name: key.name,
    secret_hash: key.secretHash,
    roles: JSON.stringify(key.roles),
    created_at: key.createdAt,
    expires_at: key.expiresAt,
    last_used_at: key.lastUsedAt,
  };
}

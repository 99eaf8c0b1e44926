// Stores private keys and other secrets, sealed under the master key. Each is one JWE (RFC 7516, "dir" with
// A256GCM) under a key derived for its name (HKDF, RFC 5869), so a row under another name does not open. See
// docs/wire/sealed-secret.md
import { existsSync } from 'node:fs';
import type { Clock } from '@gatehouse/access';
import { GatehouseError } from '@gatehouse/access';
import { CompactEncrypt, compactDecrypt, decodeProtectedHeader } from 'jose';
import type { DataFolder } from '../data-folder/data-folder.ts';
import { millis, text } from '../store/columns.ts';
import type { Connection, Database, Tx } from '../store/database.ts';
import type { Migration } from '../store/migrations.ts';
import type { MasterKey, MasterKeys } from './master-key.ts';
import {
  deriveKey,
  MASTER_KEY_FILE,
  masterKeyPlace,
  masterKeysText,
  newMasterKey,
  readMasterKeys,
} from './master-key.ts';

export interface KeyStore {
  /** The secret of that name. The first use creates it with `create` and stores it. */
  loadOrCreate(name: string, create: () => Uint8Array): Promise<Uint8Array>;
  /** The secret of that name, or undefined. */
  load(name: string): Promise<Uint8Array | undefined>;
  /** Seals a new secret. The returned function stores it in the caller's transaction. */
  seal(name: string, secret: Uint8Array): Promise<(tx: Tx) => Promise<void>>;
  /** Deletes the secret of that name. */
  remove(tx: Tx, name: string): Promise<void>;
  /** A 32-byte key for `purpose`, derived from the master key and never stored. */
  derive(purpose: string): Uint8Array;
  /** The content of a file with the master keys, for a backup. */
  masterKeyFile(): string;
  /**
   * Seals everything under a new master key: a random one in the data folder, or the first line of the
   * operator's own file. Throws `conflict` if that file has no new key.
   */
  rotate(): Promise<RotatedMasterKey>;
}

export interface RotatedMasterKey {
  /** The fingerprint of the new key. */
  id: string;
  /** The operator's file, whose older keys are no longer needed. */
  fileToShorten: string | undefined;
}

type KeyStoreTables = {
  sealed_secrets: { name: string; sealed: string; created_at: number };
};

export const keyStoreMigrations: Migration[] = [
  {
    name: 'platform/0001-sealed-secrets',
    up: (tx) =>
      tx.schema
        .createTable('sealed_secrets')
        .addColumn('name', text, (column) => column.primaryKey())
        .addColumn('sealed', text, (column) => column.notNull())
        .addColumn('created_at', millis, (column) => column.notNull())
        .execute(),
  },
];

const RESEALED_AT_ONCE = 100;

/**
 * Opens the key store with the master keys from `masterKeyFile`, or from the data folder, where the first
 * start creates one. Throws `master_key_missing` if secrets exist but the key does not, and
 * `master_key_wrong` if it opens none of them.
 */
export async function openKeyStore(
  deps: { database: Database; folder: DataFolder; clock: Clock },
  masterKeyFile: string | undefined,
): Promise<KeyStore> {
  const { database, folder, clock } = deps;
  const place = masterKeyPlace(folder, masterKeyFile);
  // In one act, so that two starts at once create only one key.
  const opened = await database.write(async (tx) => {
    const first = await within(tx).selectFrom('sealed_secrets').selectAll().limit(1).executeTakeFirst();
    if (first === undefined && place.isOurs && !existsSync(place.path))
      folder.write(MASTER_KEY_FILE, masterKeysText([newMasterKey()]));
    return { existing: first, keys: readMasterKeys(place) };
  });
  let { keys } = opened;
  if (opened.existing) await unseal(keys, opened.existing);

  async function load(name: string): Promise<Uint8Array | undefined> {
    const sealed = await findSealed(database.read, name);
    return sealed === undefined ? undefined : unseal(keys, { name, sealed });
  }

  async function sealNew(name: string, secret: Uint8Array): Promise<(tx: Tx) => Promise<void>> {
    const [sealedWith] = keys;
    const first = await seal(sealedWith, name, secret);
    return async (tx) => {
      // The master key may have been replaced meanwhile.
      const [current] = keys;
      const sealed = current.id === sealedWith.id ? first : await seal(current, name, secret);
      const row = { name, sealed, created_at: clock.now() };
      await within(tx).insertInto('sealed_secrets').values(row).execute();
    };
  }

  /** Seals some secrets of older keys again. False if there were none left. */
  async function resealSome(tx: Tx): Promise<boolean> {
    const rows = await within(tx).selectFrom('sealed_secrets').select(['name', 'sealed']).execute();
    const old = rows.filter(({ sealed }) => decodeProtectedHeader(sealed).kid !== keys[0].id);
    for (const row of old.slice(0, RESEALED_AT_ONCE)) {
      const sealed = await seal(keys[0], row.name, await unseal(keys, row));
      await within(tx).updateTable('sealed_secrets').set({ sealed }).where('name', '=', row.name).execute();
    }
    return old.length > 0;
  }

  /** Older keys stay in the file of an operator until the operator removes them. */
  async function finishRotation(): Promise<void> {
    while (await database.write(resealSome));
    if (!place.isOurs) return;
    folder.write(MASTER_KEY_FILE, masterKeysText([keys[0]]));
    keys = [keys[0]];
  }

  // A replacement that the end of the process interrupted, or a new key that the operator wrote.
  if (keys.length > 1) await finishRotation();

  return {
    derive: (purpose) => deriveKey(keys.at(-1) ?? keys[0], `derive:${purpose}`),
    masterKeyFile: () => masterKeysText(keys),
    load,
    seal: sealNew,
    async loadOrCreate(name, create) {
      const known = await load(name);
      if (known) return known;
      const secret = create();
      const store = await sealNew(name, secret);
      // Another caller may have stored a secret meanwhile. Then that one is used.
      const stored = await database.write(async (tx) => {
        const sealed = await findSealed(tx, name);
        if (sealed === undefined) await store(tx);
        return sealed;
      });
      return stored === undefined ? secret : unseal(keys, { name, sealed: stored });
    },
    async remove(tx, name) {
      await within(tx).deleteFrom('sealed_secrets').where('name', '=', name).execute();
    },
    async rotate() {
      if (place.isOurs) {
        const next: MasterKeys = [newMasterKey(), ...keys];
        // This comes first, so that sealed secrets can be opened even if the process ends here.
        folder.write(MASTER_KEY_FILE, masterKeysText(next));
        keys = next;
        await finishRotation();
        return { id: keys[0].id, fileToShorten: undefined };
      }
      const found = readMasterKeys(place);
      if (found.every(({ id }) => id !== keys[0].id)) throw oldKeyGone(place.path);
      if (found[0].id === keys[0].id) throw noNewKey(place.path);
      keys = found;
      await finishRotation();
      return { id: keys[0].id, fileToShorten: place.path };
    },
  };
}

function noNewKey(path: string): GatehouseError {
  return new GatehouseError(
    'conflict',
    `${path} has no new master key: write one ('openssl rand -base64 32') as its first line, above the old key, and run this again.`,
  );
}

function oldKeyGone(path: string): GatehouseError {
  return new GatehouseError(
    'conflict',
    `${path} no longer has the master key that this server uses: put it back below the new key, and run this again.`,
  );
}

function within(connection: Connection) {
  return connection.withTables<KeyStoreTables>();
}

async function findSealed(connection: Connection, name: string): Promise<string | undefined> {
  const row = await within(connection)
    .selectFrom('sealed_secrets')
    .select('sealed')
    .where('name', '=', name)
    .executeTakeFirst();
  return row?.sealed;
}

function seal(masterKey: MasterKey, name: string, secret: Uint8Array): Promise<string> {
  return new CompactEncrypt(secret)
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: masterKey.id })
    .encrypt(deriveKey(masterKey, `seal:${name}`));
}

/** Throws `master_key_wrong`. */
async function unseal(
  keys: MasterKeys,
  { name, sealed }: { name: string; sealed: string },
): Promise<Uint8Array> {
  try {
    const { kid } = decodeProtectedHeader(sealed);
    const masterKey = keys.find(({ id }) => id === kid) ?? keys[0];
    const opened = await compactDecrypt(sealed, deriveKey(masterKey, `seal:${name}`), {
      keyManagementAlgorithms: ['dir'],
      contentEncryptionAlgorithms: ['A256GCM'],
    });
    return opened.plaintext;
  } catch (error) {
    throw new GatehouseError(
      'master_key_wrong',
      `The master key does not open the sealed secret "${name}": use the master key of this data folder. ` +
        'If the master key was replaced, the database may be an older copy: restore your newest backup.',
      { cause: error },
    );
  }
}

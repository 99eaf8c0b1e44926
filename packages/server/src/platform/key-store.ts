// Stores private keys and other secrets, sealed under the master key. Each is one JWE (RFC 7516, "dir" with
// A256GCM) under a key derived for its name (HKDF, RFC 5869), so a row that is moved to another name does not
// open. See docs/wire/sealed-secret.md
import { createHash, hkdfSync, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import type { Clock } from '@gatehouse/access';
import { GatehouseError } from '@gatehouse/access';
import { CompactEncrypt, compactDecrypt } from 'jose';
import { millis, text } from './columns.ts';
import type { DataFolder } from './data-folder.ts';
import type { Connection, Database, Tx } from './database.ts';
import type { Migration } from './migrations.ts';
import { readTextFile } from './text.ts';

export interface KeyStore {
  /** The secret of that name. The first use creates it with `create` and stores it. */
  loadOrCreate(name: string, create: () => Uint8Array): Promise<Uint8Array>;
  /** The secret of that name, or undefined. */
  load(name: string): Promise<Uint8Array | undefined>;
  /** Seals a new secret. The function that it returns stores it in the caller's transaction. */
  seal(name: string, secret: Uint8Array): Promise<(tx: Tx) => Promise<void>>;
  /** Deletes the secret of that name. */
  remove(tx: Tx, name: string): Promise<void>;
  /** A 32-byte key for `purpose`, derived from the master key and never stored. */
  derive(purpose: string): Uint8Array;
  /** The content of a file with the master key, for a backup. */
  masterKeyFile(): string;
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

const MASTER_KEY_BYTES = 32;
/** Its name in the data folder. */
export const MASTER_KEY_FILE = 'master.key';

/**
 * Opens the key store with the master key from `masterKeyFile`, or from the data folder, where the first
 * start creates it. Throws `master_key_missing` when secrets exist but the key does not, `master_key_wrong`
 * when it opens none of them.
 */
export async function openKeyStore(
  deps: { database: Database; folder: DataFolder; clock: Clock },
  masterKeyFile: string | undefined,
): Promise<KeyStore> {
  const { database, folder, clock } = deps;
  // In one act, so that two starts at once create only one key.
  const { existing, masterKey } = await database.write(async (tx) => {
    const first = await within(tx).selectFrom('sealed_secrets').selectAll().limit(1).executeTakeFirst();
    return { existing: first, masterKey: loadMasterKey(folder, masterKeyFile, first === undefined) };
  });
  if (existing) await unseal(masterKey, existing.name, existing.sealed);

  async function load(name: string): Promise<Uint8Array | undefined> {
    const sealed = await findSealed(database.read, name);
    return sealed === undefined ? undefined : unseal(masterKey, name, sealed);
  }

  async function sealNew(name: string, secret: Uint8Array): Promise<(tx: Tx) => Promise<void>> {
    const sealed = await seal(masterKey, name, secret);
    return async (tx) => {
      const row = { name, sealed, created_at: clock.now() };
      await within(tx).insertInto('sealed_secrets').values(row).execute();
    };
  }

  return {
    derive: (purpose) => deriveKey(masterKey, `derive:${purpose}`),
    masterKeyFile: () => fileContent(masterKey),
    load,
    seal: sealNew,
    async loadOrCreate(name, create) {
      const known = await load(name);
      if (known) return known;
      const secret = create();
      const store = await sealNew(name, secret);
      // Another caller may have stored a secret meanwhile: that one counts.
      const stored = await database.write(async (tx) => {
        const sealed = await findSealed(tx, name);
        if (sealed === undefined) await store(tx);
        return sealed;
      });
      return stored === undefined ? secret : unseal(masterKey, name, stored);
    },
    async remove(tx, name) {
      await within(tx).deleteFrom('sealed_secrets').where('name', '=', name).execute();
    },
  };
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

function loadMasterKey(folder: DataFolder, file: string | undefined, mayCreate: boolean): Buffer {
  const path = file ?? folder.file(MASTER_KEY_FILE);
  if (existsSync(path)) return parseMasterKey(readTextFile(path, 'master_key_wrong'), path);
  if (!mayCreate) {
    throw new GatehouseError(
      'master_key_missing',
      `The master key ${path} is missing and the data folder holds secrets sealed under it: put it back from your backup.`,
    );
  }
  if (file !== undefined) {
    throw new GatehouseError(
      'master_key_missing',
      `The master key file ${path} does not exist: make one with 'openssl rand -base64 32', mode 0600.`,
    );
  }
  const created = randomBytes(MASTER_KEY_BYTES);
  folder.write(MASTER_KEY_FILE, fileContent(created));
  return created;
}

function fileContent(masterKey: Buffer): string {
  return `${masterKey.toString('base64')}\n`;
}

/** Both alphabets of base64 (RFC 4648 §4, §5). The decoder would skip any other character. */
const BASE64 = /^[A-Za-z0-9+/_-]+=*$/;

function parseMasterKey(text: string, path: string): Buffer {
  const base64 = text.replaceAll(/\s/g, '');
  const key = Buffer.from(base64, 'base64');
  if (key.length === MASTER_KEY_BYTES && BASE64.test(base64)) return key;
  throw new GatehouseError(
    'master_key_wrong',
    `The master key file ${path} must hold ${MASTER_KEY_BYTES} bytes in base64 and nothing else; it has ${text.length} ` +
      'characters: put the key back from your backup.',
  );
}

function deriveKey(masterKey: Buffer, info: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', masterKey, '', `gatehouse:${info}`, 32));
}

/** Identifies the master key without revealing anything about it. */
function masterKeyId(masterKey: Buffer): string {
  return createHash('sha256').update(deriveKey(masterKey, 'id')).digest('base64url').slice(0, 12);
}

function seal(masterKey: Buffer, name: string, secret: Uint8Array): Promise<string> {
  return new CompactEncrypt(secret)
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: masterKeyId(masterKey) })
    .encrypt(deriveKey(masterKey, `seal:${name}`));
}

async function unseal(masterKey: Buffer, name: string, sealed: string): Promise<Uint8Array> {
  try {
    const opened = await compactDecrypt(sealed, deriveKey(masterKey, `seal:${name}`), {
      keyManagementAlgorithms: ['dir'],
      contentEncryptionAlgorithms: ['A256GCM'],
    });
    return opened.plaintext;
  } catch (error) {
    throw new GatehouseError(
      'master_key_wrong',
      `The master key does not open the sealed secret "${name}": use the master key of this data folder.`,
      { cause: error },
    );
  }
}

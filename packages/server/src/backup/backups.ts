// Backup and restore for the command line: a running server sends the archive over its socket, and the
// command makes the archive of a stopped server. In both cases passphrases and keys stay in the process of
// the command.
import { createReadStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { GatehouseError, systemClock } from '@gatehouse/access';
import { openDataFolder } from '../platform/data-folder/data-folder.ts';
import { openKeyStore } from '../platform/keys/key-store.ts';
import { readingProblem } from '../platform/problems/file-problem.ts';
import { DATABASE_FILE, openDatabase } from '../platform/store/database.ts';
import { VERSION } from '../platform/version.ts';
import { createHeader } from './age-header.ts';
import { passphraseIdentity, passphraseRecipient } from './age-scrypt.ts';
import type { Identity } from './age-stanza.ts';
import { keyIdentity, parseRecipient } from './age-x25519.ts';
import { createArchive, readArchive, removeLeftCopies } from './archive.ts';
import { decrypt, encrypt, knownKey } from './encryption.ts';
import type { Manifest } from './manifest.ts';
import { restoreInto } from './restore.ts';

/** The facts that a backup has about itself. */
export type BackupFacts = Manifest;

/**
 * The archive of a data folder on which no server runs. No other process can use the folder until it is read
 * to its end. Throws `data_folder_locked`, `data_folder_unusable`, `master_key_missing`.
 * @example
 * const octets = seal.encrypt(archiveOfStopped('/var/lib/gatehouse', undefined));
 */
export function archiveOfStopped(data: string, masterKeyFile: string | undefined): AsyncIterable<Uint8Array> {
  return readStopped(data, masterKeyFile);
}

async function* readStopped(data: string, masterKeyFile: string | undefined): AsyncGenerator<Uint8Array> {
  const path = join(data, DATABASE_FILE);
  if (!existsSync(path))
    throw new GatehouseError('database_incomplete', `There is no database ${path} to back up.`);
  await using stack = new AsyncDisposableStack();
  const folder = await openDataFolder(data);
  stack.defer(() => folder.release());
  removeLeftCopies(folder);
  const database = openDatabase(path);
  stack.defer(() => database.close());
  const clock = systemClock;
  const keyStore = await openKeyStore({ database, folder, clock }, masterKeyFile);
  yield* createArchive({ clock, folder, masterKeyFile: keyStore.masterKeyFile(), version: VERSION });
}

/**
 * How a backup is encrypted: with a passphrase, or for the owners of these keys (age1…), each of whom can
 * open it.
 */
export type BackupLock = { passphrase: string } | { recipients: readonly string[] };

/** Opens a backup: the passphrase, or secret keys (AGE-SECRET-KEY-1…), of which one is enough. */
export type BackupKey = { passphrase: string } | { identities: readonly string[] };

/** Writes one backup file, and reads it back. */
export interface BackupSeal {
  /** The octets of the file. */
  encrypt(archive: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>;
  /** Reads the file to its end and checks all of it. Throws `backup_unreadable`. */
  verify(path: string): Promise<BackupFacts>;
}

/**
 * Prepares a backup file. Throws `backup_key_invalid` if a recipient is no key.
 * @example
 * const seal = await sealBackup({ passphrase });
 * await writeFile('gatehouse.backup', seal.encrypt(archive));
 * const { ledger } = await seal.verify('gatehouse.backup');
 */
export async function sealBackup(lock: BackupLock): Promise<BackupSeal> {
  const recipients =
    'passphrase' in lock ? [passphraseRecipient(lock.passphrase)] : lock.recipients.map(parseRecipient);
  const header = await createHeader(recipients);
  // We do not have the secret keys of the recipients.
  const identity = 'passphrase' in lock ? passphraseIdentity(lock.passphrase) : knownKey(header);
  return {
    encrypt: (archive) => encrypt(archive, header),
    verify: (path) => readBack(path, identity),
  };
}

function readBack(path: string, identity: Identity): Promise<BackupFacts> {
  return named(path, () =>
    readArchive(decrypt(octetsOf(path), identity), async ({ content }) => {
      for await (const octets of content) void octets;
    }),
  );
}

/**
 * Restores a backup file into a new or empty data folder. If this fails, the folder stays empty. Throws
 * `backup_unreadable`, `backup_key_invalid`, `data_folder_occupied`, `data_folder_locked`,
 * `data_folder_unusable`.
 * @example
 * await restoreBackup('gatehouse.backup', { data: '/var/lib/gatehouse', key: { passphrase } });
 */
export async function restoreBackup(
  path: string,
  { data, key }: { data: string; key: BackupKey },
): Promise<BackupFacts> {
  const identity = 'passphrase' in key ? passphraseIdentity(key.passphrase) : keyIdentity(key.identities);
  return named(path, () => restoreInto(data, decrypt(octetsOf(path), identity), systemClock));
}

async function* octetsOf(path: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(path);
  } catch (error) {
    const reason = readingProblem(error) ?? (error as Error).message;
    throw new GatehouseError('backup_unreadable', `cannot be read: ${reason}`, { cause: error });
  }
}

/** The refusal with the name of the file. */
async function named<T>(path: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof GatehouseError) || error.code !== 'backup_unreadable') throw error;
    throw new GatehouseError(error.code, `${path} ${error.message}.`, { cause: error });
  }
}

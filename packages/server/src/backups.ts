// Backup and restore for the command line: a running server gives the archive by its socket, and that of a
// stopped one is made here. In both cases the passphrase stays in the process of the command.
import { createReadStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { GatehouseError, systemClock } from '@gatehouse/access';
import type { Manifest } from './backup/index.ts';
import {
  createArchive,
  decrypt,
  encrypt,
  readArchive,
  removeLeftCopies,
  restoreInto,
} from './backup/index.ts';
import { openDataFolder } from './platform/data-folder.ts';
import { DATABASE_FILE, openDatabase } from './platform/database.ts';
import { openKeyStore } from './platform/key-store.ts';
import { VERSION } from './version.ts';

/** What a backup says about itself. */
export type BackupFacts = Manifest;

/**
 * The archive of a data folder on which no server runs. No other process can use the folder until it is read
 * to its end. Throws `data_folder_locked`, `data_folder_unusable`, `master_key_missing`.
 * @example
 * const octets = encryptBackup(archiveOfStopped('/var/lib/gatehouse', undefined), passphrase);
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
 * The octets of a backup file: the archive, encrypted with the passphrase.
 * @example
 * await writeFile('gatehouse.backup', encryptBackup(archive, passphrase));
 */
export function encryptBackup(
  archive: AsyncIterable<Uint8Array>,
  passphrase: string,
): AsyncIterable<Uint8Array> {
  return encrypt(archive, passphrase);
}

/**
 * Reads a backup file to its end and checks all of it. Throws `backup_unreadable`.
 * @example
 * const { ledger } = await verifyBackup('gatehouse.backup', passphrase);
 */
export async function verifyBackup(path: string, passphrase: string): Promise<BackupFacts> {
  return named(path, () =>
    readArchive(decrypt(createReadStream(path), passphrase), async ({ content }) => {
      for await (const octets of content) void octets;
    }),
  );
}

/**
 * Restores a backup file into a new or empty data folder. If it fails, it leaves nothing there. Throws
 * `backup_unreadable`, `data_folder_occupied`, `data_folder_locked`, `data_folder_unusable`.
 * @example
 * await restoreBackup('gatehouse.backup', { data: '/var/lib/gatehouse', passphrase });
 */
export function restoreBackup(
  path: string,
  { data, passphrase }: { data: string; passphrase: string },
): Promise<BackupFacts> {
  return named(path, () => restoreInto(data, decrypt(createReadStream(path), passphrase), systemClock));
}

/** Names the file in the refusal. */
async function named<T>(path: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof GatehouseError) || error.code !== 'backup_unreadable') throw error;
    throw new GatehouseError(error.code, `${path} ${error.message}.`, { cause: error });
  }
}

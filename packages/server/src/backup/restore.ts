// Restores a backup into a new or empty data folder. The files are written into a folder inside it, checked,
// and then moved, the database last. So a failed restore leaves nothing. After a restore that was killed, the
// server does not start, and the restore can be repeated (lost-database.ts).
import { existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Clock } from '@gatehouse/access';
import { GatehouseError, isDiskFull } from '@gatehouse/access';
import type { DataFolder } from '../platform/data-folder/data-folder.ts';
import { LOCK_FILE, openDataFolder } from '../platform/data-folder/data-folder.ts';
import { RESTORING_FOLDER } from '../platform/data-folder/lost-database.ts';
import type { LedgerHead } from '../platform/ledger/ledger-head.ts';
import { ledgerHeadIn } from '../platform/ledger/ledger-head.ts';
import { WITNESS_FILE, writeWitness } from '../platform/ledger/witness.ts';
import { DATABASE_FILE } from '../platform/store/database.ts';
import { BACKED_UP_FILES, readArchive } from './archive.ts';
import type { Manifest } from './manifest.ts';
import type { TarEntry } from './tar.ts';
import { unreadable } from './unreadable.ts';

/**
 * Names that may be in the folder: a file system has one in its root, and a failed start leaves the other.
 */
const HARMLESS = ['lost+found', LOCK_FILE];

/** The files that a killed restore can leave before it has moved the database. */
const LEFT_BEHIND = [
  RESTORING_FOLDER,
  WITNESS_FILE,
  ...BACKED_UP_FILES.filter((name) => name !== DATABASE_FILE),
];

/** Throws `data_folder_occupied`, `data_folder_locked`, `data_folder_unusable`, `backup_unreadable`. */
export async function restoreInto(
  where: string,
  archive: AsyncIterable<Uint8Array>,
  clock: Clock,
): Promise<Manifest> {
  const path = resolve(where);
  await refuseOccupied(path);
  // A wrong passphrase fails here, before the folder is changed.
  const octets = await begun(archive);
  const missing = missingFolders(path);
  const folder = await openDataFolder(path);
  try {
    return await restoreIntoLocked(folder, octets, clock);
  } catch (error) {
    rmSync(folder.file(LOCK_FILE), { force: true });
    for (const made of missing) if (readdirSync(made).length === 0) rmdirSync(made);
    throw error;
  } finally {
    folder.release();
  }
}

async function refuseOccupied(path: string): Promise<void> {
  const names = namesIn(path);
  if (names.length === 0 || isInterrupted(names)) return;
  // If a server runs there, that is the more useful reason.
  if (names.includes(DATABASE_FILE)) (await openDataFolder(path)).release();
  throw occupied(path, names);
}

function occupied(path: string, names: readonly string[]): GatehouseError {
  const isServers = names.some((name) => name === WITNESS_FILE || BACKED_UP_FILES.includes(name));
  const held = isServers ? "a server's data" : `other files (${names.slice(0, 3).join(', ')})`;
  return new GatehouseError(
    'data_folder_occupied',
    `The folder ${path} has ${held}, and a restore never overwrites files: name a new folder with --data.`,
  );
}

function isInterrupted(names: readonly string[]): boolean {
  return names.includes(RESTORING_FOLDER) && names.every((name) => LEFT_BEHIND.includes(name));
}

/** The names in a folder, except the harmless ones. */
function namesIn(path: string): string[] {
  try {
    return readdirSync(path).filter((name) => !HARMLESS.includes(name));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Opening the folder later shows other problems.
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EACCES') return [];
    throw error;
  }
}

/** The folder and its parents that do not exist, the innermost first. */
function missingFolders(path: string): string[] {
  return existsSync(path) ? [] : [path, ...missingFolders(dirname(path))];
}

/** The same octets, after the first of them have arrived. */
async function begun(source: AsyncIterable<Uint8Array>): Promise<AsyncIterable<Uint8Array>> {
  const octets = source[Symbol.asyncIterator]();
  const first = await octets.next();
  return (async function* () {
    if (!first.done) yield first.value;
    yield* { [Symbol.asyncIterator]: () => octets };
  })();
}

async function restoreIntoLocked(
  folder: DataFolder,
  archive: AsyncIterable<Uint8Array>,
  clock: Clock,
): Promise<Manifest> {
  const names = namesIn(folder.path);
  if (isInterrupted(names)) for (const name of names) rmSync(folder.file(name), { recursive: true });
  else if (names.length > 0) throw occupied(folder.path, names);
  const staging = folder.file(RESTORING_FOLDER);
  try {
    mkdirSync(staging, { mode: 0o700 });
    const manifest = await readArchive(archive, (entry) => writeEntry(staging, entry));
    checkDatabase(join(staging, DATABASE_FILE), manifest);
    const restored = { backupOf: manifest.madeAt, at: new Date(clock.now()).toISOString() };
    await writeWitness(join(staging, WITNESS_FILE), { ...manifest.ledger, restored });
    await moveAll(staging, folder);
    return manifest;
  } catch (error) {
    // The folder was empty, so we created all of these.
    for (const name of [...LEFT_BEHIND, DATABASE_FILE])
      rmSync(folder.file(name), { recursive: true, force: true });
    throw error;
  }
}

async function writeEntry(folder: string, { name, content }: TarEntry): Promise<void> {
  const path = join(folder, name);
  try {
    await using file = await open(path, 'wx', 0o600);
    await file.writeFile(content);
    await file.sync();
  } catch (error) {
    if (!isDiskFull(error)) throw error;
    const message = `The disk is full (writing ${path}): free space on it, then restore again.`;
    throw new GatehouseError('store_full', message, { cause: error });
  }
}

/** Throws `backup_unreadable` if the database is damaged, or not in the state that the backup names. */
function checkDatabase(path: string, { ledger }: Manifest): void {
  const head = headOfWhole(path);
  if (head.seq !== ledger.seq || head.hash !== ledger.hash)
    throw unreadable('has another database than its manifest says: use another backup');
}

function headOfWhole(path: string): LedgerHead {
  const database = new DatabaseSync(path);
  try {
    const found = database.prepare('PRAGMA quick_check').get();
    if (found?.quick_check !== 'ok') throw new Error(String(found?.quick_check));
    return ledgerHeadIn(database);
  } catch (error) {
    throw unreadable(`has a damaged database (${(error as Error).message}): use another backup`, error);
  } finally {
    // Closing the database moves the write-ahead log into it, and removes the log.
    database.close();
  }
}

async function moveAll(staging: string, folder: DataFolder): Promise<void> {
  const names = readdirSync(staging).filter((name) => name !== DATABASE_FILE);
  for (const name of [...names, DATABASE_FILE]) {
    await syncPath(join(staging, name));
    renameSync(join(staging, name), folder.file(name));
  }
  rmdirSync(staging);
  await syncPath(folder.path);
}

async function syncPath(path: string): Promise<void> {
  await using file: FileHandle = await open(path);
  await file.sync();
}

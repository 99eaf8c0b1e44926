// The data folder: the place of each file, and a lock that stops a second server. The lock is SQLite's own
// exclusive lock on a file beside the database. The kernel releases it with the process, so no lock stays
// after `kill -9`.
import {
  accessSync,
  chmodSync,
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { GatehouseError, isDiskFull } from '@gatehouse/access';
import { readingProblem } from '../problems/file-problem.ts';
import type { Reserve } from './reserve.ts';
import { createReserve } from './reserve.ts';

export interface DataFolder {
  readonly path: string;
  /** The absolute path of a file in the folder. */
  file(name: string): string;
  /** The text of a file, or undefined if it does not exist. Throws `data_folder_unusable`. */
  read(name: string): string | undefined;
  /**
   * Writes a file of mode 0600 (or `mode`) as a whole, and to disk before it returns. Throws `store_full` or
   * `data_folder_unusable`.
   */
  write(name: string, text: string, mode?: number): void;
  /** Throws `data_folder_unusable`. */
  remove(name: string): void;
  /** Reserved space for a start when the disk is full. */
  readonly reserve: Reserve;
  /** Releases the folder for another server. */
  release(): void;
}

// A server that was just killed may take a moment to end.
const LOCK_ATTEMPTS = 30;
const LOCK_PAUSE_MS = 100;

/** The file whose lock is the lock of the folder. */
export const LOCK_FILE = 'lock';

const RESERVE_FILE = 'reserve';

/**
 * Opens and locks the folder. Creates it (mode 0700) if it does not exist. Throws `data_folder_unusable`,
 * `data_folder_locked`.
 */
export async function openDataFolder(where: string): Promise<DataFolder> {
  const path = resolve(where);
  prepare(path);
  const lock = await takeLock(path);
  const file = (name: string) => join(path, name);
  const reserve = createReserve(file(RESERVE_FILE));
  return {
    path,
    file,
    read: (name) => readWhole(file(name)),
    write: (name, text, mode = 0o600) => reserve.use(() => writeWhole(file(name), text, mode)),
    remove: (name) => removeFile(file(name)),
    reserve,
    release: () => lock.close(),
  };
}

function prepare(path: string): void {
  try {
    makeFolder(path);
    refuseSharedFolder(path);
    chmodSync(path, 0o700);
  } catch (error) {
    throw unusable(path, error);
  }
}

/**
 * Throws `data_folder_unusable` if there is such a folder, and this user may not write to it.
 * @example
 * requireUsable('/var/lib/gatehouse');
 */
export function requireUsable(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isDirectory()) throw unusable(path, new Error('it is not a folder'));
  try {
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw unusable(path, error);
  }
}

/**
 * Works like `mkdir -p`. With `recursive`, Node never returns if a parent exists but accepts no folders, like
 * /proc.
 */
function makeFolder(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isDirectory()) return;
  if (found) throw new Error('it is not a folder');
  makeFolder(dirname(path));
  mkdirSync(path, { mode: 0o700 });
}

const WRITABLE_BY_OTHERS = 0o002;

/** All users share a folder such as /tmp, so we must not change its mode. */
function refuseSharedFolder(path: string): void {
  if ((statSync(path).mode & WRITABLE_BY_OTHERS) !== 0) throw new Error('every user may write to it');
}

async function takeLock(path: string): Promise<DatabaseSync> {
  const lock = openLock(path);
  for (let attempt = 1; ; attempt += 1) {
    try {
      // No journal on disk, because a full disk has no space for one. Nothing is ever written here.
      lock.exec('PRAGMA journal_mode=MEMORY; PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE');
      return lock;
    } catch (error) {
      const taken = isBusy(error);
      if (!taken || attempt === LOCK_ATTEMPTS) {
        lock.close();
        throw taken ? locked(path, error) : unusable(path, error);
      }
    }
    await delay(LOCK_PAUSE_MS);
  }
}

function openLock(path: string): DatabaseSync {
  try {
    return new DatabaseSync(join(path, LOCK_FILE), { timeout: 0 });
  } catch (error) {
    throw unusable(path, error);
  }
}

const SQLITE_BUSY = 5;

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY;
}

function locked(path: string, cause: unknown): GatehouseError {
  return new GatehouseError(
    'data_folder_locked',
    `Another Gatehouse is running on the data folder ${path}: stop it, or choose another folder with --data.`,
    { cause },
  );
}

function unusable(path: string, cause: unknown): GatehouseError {
  return new GatehouseError(
    'data_folder_unusable',
    `The data folder ${path} cannot be used (${reasonOf(cause, path)}): choose another with --data.`,
    { cause },
  );
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  ENOENT: 'it cannot be created there',
  ENOTDIR: 'a part of its path is a file',
  EROFS: 'the file system is read-only',
};

function reasonOf(error: unknown, path: string): string {
  if (!(error instanceof Error)) return String(error);
  const { code = '' } = error as NodeJS.ErrnoException;
  return otherOwner(code, path) ?? REASONS[code] ?? error.message;
}

/** The usual cause: the server was started as another user before, such as root. */
function otherOwner(code: string, path: string): string | undefined {
  if (code !== 'EACCES' && code !== 'EPERM') return undefined;
  const { uid } = statSync(path, { throwIfNoEntry: false }) ?? {};
  const own = process.getuid?.();
  return uid === undefined || own === undefined || uid === own
    ? undefined
    : `it belongs to the user with the number ${uid}, but the current user has ${own}: run Gatehouse as that user`;
}

function readWhole(path: string): string | undefined {
  if (!existsSync(path)) return undefined;
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw unusableFile(path, 'read', error);
  }
}

function removeFile(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch (error) {
    throw unusableFile(path, 'removed', error);
  }
}

function unusableFile(path: string, act: string, cause: unknown): GatehouseError {
  const detail = `The file ${path} cannot be ${act} (${readingProblem(cause) ?? reasonOf(cause, path)}): it is a part of Gatehouse’s data folder, so restore it, or move it away.`;
  return new GatehouseError('data_folder_unusable', detail, { cause });
}

function writeWhole(path: string, text: string, mode: number): void {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    // A file from a killed process may be a link, or have another mode.
    rmSync(temporary, { force: true });
    writeFileSync(temporary, text, { mode, flag: 'wx', flush: true });
    renameSync(temporary, path);
    syncFolder(dirname(path));
  } catch (error) {
    rmSync(temporary, { force: true });
    throw writeFailure(path, error);
  }
}

function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  fsyncSync(folder);
  closeSync(folder);
}

function writeFailure(path: string, cause: unknown): GatehouseError {
  return isDiskFull(cause)
    ? new GatehouseError(
        'store_full',
        `The disk is full (writing ${path}): free space on it, then try again.`,
        {
          cause,
        },
      )
    : new GatehouseError(
        'data_folder_unusable',
        `The file ${path} cannot be written (${reasonOf(cause, path)}).`,
        {
          cause,
        },
      );
}

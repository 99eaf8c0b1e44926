// The content of a backup, from a data folder to an archive and back (docs/wire/backup.md). Refuses archives
// with missing or unknown files.
import { randomBytes } from 'node:crypto';
import { createReadStream, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import type { Clock } from '@gatehouse/access';
import type { DataFolder } from '../platform/data-folder/data-folder.ts';
import { MASTER_KEY_FILE } from '../platform/keys/master-key.ts';
import { DATABASE_FILE } from '../platform/store/database.ts';
import type { Manifest } from './manifest.ts';
import { MANIFEST_FILE, manifestText, parseManifest } from './manifest.ts';
import { openSnapshot } from './snapshot.ts';
import type { TarEntry } from './tar.ts';
import { readTar, tarEnd, tarFile } from './tar.ts';
import { ALTERED, unreadable } from './unreadable.ts';

const REQUIRED_FILES: readonly string[] = [MASTER_KEY_FILE, DATABASE_FILE];

/** Files of the data folder that are in a backup if they exist. A start creates all other files again. */
const OPTIONAL_FILES: readonly string[] = ['admin-password'];

/** The parts of the data folder in a backup. */
export const BACKED_UP_FILES: readonly string[] = [...REQUIRED_FILES, ...OPTIONAL_FILES];

const MAX_SMALL_BYTES = 64 * 1024;

export interface ArchiveSource {
  clock: Clock;
  folder: Pick<DataFolder, 'file'>;
  /** The content of the file with the master key, which may be in another folder. */
  masterKeyFile: string;
  /** The version of this program. */
  version: string;
}

/** The octets of the archive. It has the state of the database when its first octet is read. */
export async function* createArchive(source: ArchiveSource): AsyncGenerator<Uint8Array> {
  const { clock, folder, masterKeyFile, version } = source;
  const snapshot = openSnapshot(folder.file(DATABASE_FILE));
  const copy = folder.file(`backup-${randomBytes(8).toString('hex')}.tmp`);
  const now = clock.now();
  const small = (name: string, text: string) => smallFile(name, text, now);
  try {
    const madeAt = new Date(now).toISOString();
    yield* small(MANIFEST_FILE, manifestText({ gatehouse: version, madeAt, ledger: snapshot.head }));
    yield* small(MASTER_KEY_FILE, masterKeyFile);
    for (const name of OPTIONAL_FILES) {
      const text = readIfThere(folder.file(name));
      if (text !== undefined) yield* small(name, text);
    }
    await snapshot.copyTo(copy);
    const { size } = statSync(copy);
    yield* tarFile({ name: DATABASE_FILE, size, modifiedAt: now }, createReadStream(copy));
    yield tarEnd();
  } finally {
    snapshot.close();
    rmSync(copy, { force: true });
  }
}

const COPY = /^backup-[0-9a-f]{16}\.tmp/;

/** Removes copies of the database that a killed process left in the data folder. */
export function removeLeftCopies({ path, file }: Pick<DataFolder, 'path' | 'file'>): void {
  for (const name of readdirSync(path)) if (COPY.test(name)) rmSync(file(name), { force: true });
}

/**
 * Reads an archive to its end, and calls `take` with each file. `take` must read its content. Throws
 * `backup_unreadable`.
 */
export async function readArchive(
  octets: AsyncIterable<Uint8Array>,
  take: (entry: TarEntry) => Promise<void>,
): Promise<Manifest> {
  let manifest: Manifest | undefined;
  const names = new Set<string>();
  for await (const entry of readTar(octets)) {
    if (manifest === undefined) manifest = await readManifest(entry);
    else if (BACKED_UP_FILES.includes(entry.name) && !names.has(entry.name)) await take(entry);
    else throw unreadable(`has a file ${entry.name}, which this version does not know: use a newer version`);
    names.add(entry.name);
  }
  if (manifest === undefined || !REQUIRED_FILES.every((name) => names.has(name))) throw unreadable(ALTERED);
  return manifest;
}

async function readManifest({ name, size, content }: TarEntry): Promise<Manifest> {
  if (name !== MANIFEST_FILE || size > MAX_SMALL_BYTES)
    throw unreadable('is not a backup: another program made it');
  return parseManifest(Buffer.concat(await Array.fromAsync(content)).toString());
}

function smallFile(name: string, text: string, modifiedAt: number): AsyncGenerator<Uint8Array> {
  const octets = Buffer.from(text);
  return tarFile({ name, size: octets.length, modifiedAt }, [octets]);
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

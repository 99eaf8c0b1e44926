// Files in one folder, streamed in and out. A file appears complete or not at all: it is written under
// another name, synced and renamed. Refuses files that are too large, too many files, and incomplete uploads.
// Then the previous file stays.
import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { type FileHandle, open, readdir, rename, rm, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { createFileDigests } from './file-digests.ts';

export interface FileStoreConfig {
  folder: string;
  maxFileBytes: number;
  maxFiles: number;
}

interface StoredFile {
  readonly size: number;
  /** A strong entity tag: the SHA-256 of the content in hex, quoted. */
  readonly etag: string;
  /** The content. The file is closed when the stream ends or is cancelled. */
  stream(): ReadableStream<Uint8Array<ArrayBuffer>>;
  /** Closes a file without reading its content. */
  close(): Promise<void>;
}

/** All names must be safe (`isSafeFileName`). */
export interface FileStore {
  /** Writes a file to the disk before it returns. Throws FileRefusal. */
  write(name: string, content: AsyncIterable<Uint8Array>): Promise<{ created: boolean; etag: string }>;
  open(name: string): Promise<StoredFile | undefined>;
  /** Whether there was such a file. */
  remove(name: string): Promise<boolean>;
}

/** Why a file was refused. */
export class FileRefusal extends Error {
  readonly reason: 'too_large' | 'too_many' | 'no_space' | 'incomplete';

  constructor(reason: FileRefusal['reason'], options?: ErrorOptions) {
    super(reason, options);
    this.reason = reason;
  }
}

const TEMPORARY_PREFIX = '.upload-';
const READ_BYTES = 262_144;

/**
 * At most 128 letters, digits, `.`, `_` and `-`, and does not begin or end with a dot. Such a name is the
 * same on every file system.
 */
export function isSafeFileName(name: string): boolean {
  return /^[A-Za-z0-9_-](?:[A-Za-z0-9._-]{0,126}[A-Za-z0-9_-])?$/.test(name);
}

/**
 * Opens the folder, creates it if it does not exist, and removes incomplete uploads. Throws Node's error if
 * it cannot.
 */
export function createFileStore({ folder, maxFileBytes, maxFiles }: FileStoreConfig): FileStore {
  const digests = createFileDigests();
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const name of readdirSync(folder)) {
    if (name.startsWith(TEMPORARY_PREFIX)) rmSync(join(folder, name));
  }

  return {
    async write(name, content) {
      const temporary = join(folder, `${TEMPORARY_PREFIX}${randomUUID()}`);
      try {
        return await withFile(await open(temporary, 'wx+', 0o600), async (handle) => {
          const created = await admit(name);
          await handle.writeFile(limit(content, maxFileBytes));
          await handle.sync();
          const etag = await digests.etagOf(name, handle);
          await rename(temporary, join(folder, name));
          await syncFolder(folder);
          return { created, etag };
        });
      } catch (error) {
        await rm(temporary, { force: true });
        throw isOutOfSpace(error) ? new FileRefusal('no_space', { cause: error }) : error;
      }
    },
    async open(name) {
      const handle = await open(join(folder, name), 'r').catch(undefinedIfMissing);
      if (handle === undefined) return undefined;
      try {
        return await describe(handle, await digests.etagOf(name, handle));
      } catch (error) {
        await handle.close();
        throw error;
      }
    },
    async remove(name) {
      digests.forget(name);
      const removed = await unlink(join(folder, name)).then(() => true, undefinedIfMissing);
      if (removed) await syncFolder(folder);
      return removed ?? false;
    },
  };

  // The temporary file of this upload counts too.
  async function admit(name: string): Promise<boolean> {
    const present = await readdir(folder);
    if (present.includes(name)) return false;
    if (present.length > maxFiles) throw new FileRefusal('too_many');
    return true;
  }
}

async function withFile<T>(handle: FileHandle, use: (handle: FileHandle) => Promise<T>): Promise<T> {
  try {
    return await use(handle);
  } finally {
    await handle.close();
  }
}

async function describe(handle: FileHandle, etag: string): Promise<StoredFile> {
  const { size } = await handle.stat();
  return {
    size,
    etag,
    stream() {
      const content = handle.createReadStream({ start: 0, highWaterMark: READ_BYTES });
      return Readable.toWeb(content) as ReadableStream<Uint8Array<ArrayBuffer>>;
    },
    close: () => handle.close(),
  };
}

async function* limit(content: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of unbroken(content)) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new FileRefusal('too_large');
    yield chunk;
  }
}

async function* unbroken(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* content;
  } catch (cause) {
    throw new FileRefusal('incomplete', { cause });
  }
}

// A rename is on the disk when its folder is synced. Windows does not need this, and has no call for it.
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  await withFile(await open(folder, 'r'), (handle) => handle.sync());
}

function undefinedIfMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}

function isOutOfSpace(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT');
}

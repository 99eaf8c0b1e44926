// Files that commands read whole. Refuses folders, and more than 10 MiB, so that a device or a wrong name
// cannot fill the memory.
import { type FileHandle, open } from 'node:fs/promises';
import { CliError, cannotRead, exitStatus } from '../exit-status.ts';

/** Larger than any revocation list for these commands. */
export const MAX_INPUT_BYTES = 10 * 1024 * 1024;

/** The octets of a file, a pipe or a device. Throws `CliError`, also for an empty one. */
export async function readInput(path: string): Promise<Buffer> {
  const content = await readBounded(path).catch((error) => {
    throw cannotRead(path, error);
  });
  if (content.length > MAX_INPUT_BYTES) {
    throw new CliError(exitStatus.failed, `cannot read ${path}: it is larger than 10 MiB`);
  }
  if (content.length === 0) throw new CliError(exitStatus.failed, `cannot read ${path}: it is empty`);
  return content;
}

/**
 * The first octets of an open file, at most `maxBytes`. One read gives only a part of a pipe, so it reads
 * until the end.
 */
export async function readUpTo(file: FileHandle, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let left = maxBytes;
  while (left > 0) {
    const { bytesRead, buffer } = await file.read({ buffer: Buffer.alloc(Math.min(left, CHUNK_BYTES)) });
    if (bytesRead === 0) break;
    chunks.push(buffer.subarray(0, bytesRead));
    left -= bytesRead;
  }
  return Buffer.concat(chunks);
}

/** Reads one octet more than allowed, to detect a file that is too large. */
async function readBounded(path: string): Promise<Buffer> {
  await using file = await open(path);
  return await readUpTo(file, MAX_INPUT_BYTES + 1); // before the file is closed
}

const CHUNK_BYTES = 64 * 1024;

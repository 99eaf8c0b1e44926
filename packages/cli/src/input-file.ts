// Files that commands read whole. Refuses folders, and more than 10 MiB, so that a device or a mistaken name cannot fill the memory.
import { open } from 'node:fs/promises';
import { CliError, cannotRead, exitStatus } from './exit-status.ts';

/** More than the largest list of revoked certificates that a desk meets. */
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

/** One octet more than is allowed tells that there is too much. */
async function readBounded(path: string): Promise<Buffer> {
  await using file = await open(path);
  const chunks: Buffer[] = [];
  let left = MAX_INPUT_BYTES + 1;
  while (left > 0) {
    const { bytesRead, buffer } = await file.read({ buffer: Buffer.alloc(Math.min(left, CHUNK_BYTES)) });
    if (bytesRead === 0) break;
    chunks.push(buffer.subarray(0, bytesRead));
    left -= bytesRead;
  }
  return Buffer.concat(chunks);
}

const CHUNK_BYTES = 64 * 1024;

// Official vectors in the folder that GATEHOUSE_VECTORS names; they are not part of this repository.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The parsed vectors, or the reason to skip the test. */
export function readVectors<T>(
  file: string,
  origin: string,
): { vectors: T; skip: false } | { vectors?: never; skip: string } {
  const path = join(process.env.GATEHOUSE_VECTORS ?? '', file);
  if (!process.env.GATEHOUSE_VECTORS || !existsSync(path)) {
    return { skip: `needs GATEHOUSE_VECTORS with ${file} (${origin})` };
  }
  return { vectors: JSON.parse(readFileSync(path, 'utf8')) as T, skip: false };
}

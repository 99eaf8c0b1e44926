// Official vectors in the folder that GATEHOUSE_VECTORS names; they are not part of this repository.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The hex dumps of a document, in their order, or the reason to skip the test. */
export function readHexDumps(
  file: string,
  origin: string,
): { dumps: Uint8Array[]; skip: false } | { dumps?: never; skip: string } {
  const path = pathOf(file);
  if (path === undefined) return { skip: missing(file, origin) };
  const dumps = readFileSync(path, 'utf8').matchAll(/~~~ hex-dump\n([0-9a-f\s]+)~~~/g);
  return { dumps: [...dumps].map(([, hex = '']) => Uint8Array.fromHex(hex.replace(/\s/g, ''))), skip: false };
}

/** The parsed vectors, or the reason to skip the test. */
export function readVectors<T>(
  file: string,
  origin: string,
): { vectors: T; skip: false } | { vectors?: never; skip: string } {
  const path = pathOf(file);
  if (path === undefined) return { skip: missing(file, origin) };
  return { vectors: JSON.parse(readFileSync(path, 'utf8')) as T, skip: false };
}

function pathOf(file: string): string | undefined {
  const path = join(process.env.GATEHOUSE_VECTORS ?? '', file);
  return process.env.GATEHOUSE_VECTORS && existsSync(path) ? path : undefined;
}

function missing(file: string, origin: string): string {
  return `needs GATEHOUSE_VECTORS with ${file} (${origin})`;
}

// Where the tests write their files: in memory if there is room. Most tests create a database. Waiting for
// the disk took a third of their time, and tests nothing.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const IN_MEMORY = '/dev/shm';
/** The largest files are the packages, which are installed twice. */
const LEAST_BYTES = 4 * 2 ** 30;

/** `inMemory` if it exists, has room, and allows programs; otherwise the usual folder. */
export function temporaryFolder(inMemory = IN_MEMORY, leastBytes = LEAST_BYTES): string {
  try {
    return hasRoom(inMemory, leastBytes) && runsPrograms(inMemory) ? inMemory : tmpdir();
  } catch {
    return tmpdir();
  }
}

function hasRoom(folder: string, leastBytes: number): boolean {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize >= leastBytes;
}

/** Containers often mount it without the right to run programs. */
function runsPrograms(folder: string): boolean {
  const own = mkdtempSync(join(folder, 'gatehouse-tests-'));
  try {
    const program = join(own, 'program');
    writeFileSync(program, '#!/bin/sh\n', { mode: 0o700 });
    return spawnSync(program).status === 0;
  } finally {
    rmSync(own, { recursive: true });
  }
}

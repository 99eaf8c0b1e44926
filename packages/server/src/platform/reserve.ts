// Room that is set aside on the disk, so that a server can start when the disk is full: a database in WAL mode cannot be opened, not even
// for reading, without room for its index, and commands find the server by a file.
import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { isDiskFull } from './errors.ts';

export interface Reserve {
  /** Sets aside what is missing; false when the disk has no room for all of it. */
  make(): boolean;
  /** Runs `act`. When it finds the disk full, gives the reserve back and runs it again. */
  use<T>(act: () => T): T;
}

// The index of the write-ahead log takes 32 KiB at least (sqlite.org/walformat.html).
const RESERVE_BYTES = 256 * 1024;
const BLOCK_BYTES = 4096;

/** The reserve is the file at `path`. */
export function createReserve(path: string): Reserve {
  const size = () => statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  return {
    make() {
      try {
        appendTo(path, RESERVE_BYTES - size());
        return true;
      } catch (error) {
        if (!isDiskFull(error)) throw error;
        // What there is of it now may do.
        return false;
      }
    },
    use(act) {
      try {
        return act();
      } catch (error) {
        if (!isDiskFull(error) || size() === 0) throw error;
      }
      rmSync(path);
      return act();
    },
  };
}

/** Octets that no file system stores in less room than they take. */
function appendTo(path: string, bytes: number): void {
  if (bytes <= 0) return;
  const file = openSync(path, 'a', 0o600);
  try {
    for (let written = 0; written < bytes; ) written += writeSync(file, randomBytes(BLOCK_BYTES));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

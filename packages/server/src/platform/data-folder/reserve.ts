// Reserves space on the disk, so that a server can start when the disk is full. A database in WAL mode needs
// space for its index even for reading, and commands find the server through a file.
import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { isDiskFull } from '@gatehouse/access';

export interface Reserve {
  /** Reserves the missing part. False if the disk has no space for all of it. */
  make(): boolean;
  /** Runs `act`. If the disk is full, frees the reserve and runs `act` again. */
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
        // A part of the reserve may be enough.
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

/** Appends random octets, which no file system can compress. */
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

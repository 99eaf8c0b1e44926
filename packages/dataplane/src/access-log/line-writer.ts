// Appends lines to a file or a descriptor in batches. A failed log must not stop its process. Lines that
// cannot be written (a full disk, a pipe without a reader) wait in memory up to a limit. Beyond it, they are
// dropped.
import { closeSync, openSync, writeSync } from 'node:fs';
import { writeLatin1 } from '../http1/octets.ts';

export interface LineWriter {
  /** Part of a line, in UTF-8. Never throws. */
  octets(part: Uint8Array): void;
  /** Part of a line in ASCII. Never throws. */
  ascii(part: string): void;
  /** The line is complete. */
  end(): void;
  flush(): void;
  /** Opens the file again after it was renamed. Does nothing for a descriptor. */
  reopen(): void;
}

const BATCH_OCTETS = 64 * 1024;
const MAX_PENDING_BYTES = 1024 * 1024;
const FILE_MODE = 0o600;

/**
 * `target` is a path or an open descriptor. `failed` is called when the file cannot be opened or written. It
 * is called again only if the file has worked meanwhile.
 */
export function openLineWriter(target: string | number, failed: (error: unknown) => void): LineWriter {
  /** Undefined while the file cannot be opened: every flush tries again. */
  let descriptor = typeof target === 'number' ? target : undefined;
  // A buffer, because strings of waiting lines would hold all their parts in memory.
  let batch = Buffer.allocUnsafeSlow(2 * BATCH_OCTETS);
  let filled = 0;
  /** The rest of an earlier write. */
  let rest: Buffer = Buffer.alloc(0);
  let isFailing = false;

  function attempt(act: (descriptor: number) => void): void {
    try {
      descriptor ??= openSync(target as string, 'a', FILE_MODE);
      act(descriptor);
      isFailing = false;
    } catch (error) {
      if (!isFailing) failed(error);
      isFailing = true;
    }
  }

  /** Lines are written whole, so a long line makes the batch larger. */
  function makeRoom(octets: number): void {
    if (filled + octets <= batch.length) return;
    const larger = Buffer.allocUnsafeSlow(2 * (filled + octets));
    larger.set(batch.subarray(0, filled));
    batch = larger;
  }

  function flush(): void {
    if (filled === 0 && rest.length === 0) return;
    const octets = batch.subarray(0, filled);
    filled = 0;
    if (rest.length === 0) rest = octets;
    else if (rest.length + octets.length <= MAX_PENDING_BYTES) rest = Buffer.concat([rest, octets]);
    attempt((open) => {
      while (rest.length > 0) rest = rest.subarray(writeSync(open, rest));
    });
    // The memory of a batch is reused.
    if (rest.length > 0 && rest.buffer === batch.buffer) rest = Buffer.from(rest);
  }

  function reopen(): void {
    if (typeof target === 'number') return;
    flush();
    if (descriptor !== undefined) closeSync(descriptor);
    descriptor = undefined;
    attempt(() => {});
  }

  reopen();
  return {
    flush,
    octets(part) {
      makeRoom(part.length);
      batch.set(part, filled);
      filled += part.length;
    },
    ascii(part) {
      makeRoom(part.length);
      filled += writeLatin1(batch, part, filled);
    },
    end() {
      if (filled >= BATCH_OCTETS) flush();
    },
    reopen,
  };
}

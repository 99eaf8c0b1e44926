// Appends lines to a file or a descriptor in batches. A log that fails must not stop its process: lines that
// cannot be written (a full disk, a pipe without a reader) wait in memory up to a limit, and are dropped
// beyond it.
import { closeSync, openSync, writeSync } from 'node:fs';

export interface LineWriter {
  /** Never throws. */
  write(line: string): void;
  flush(): void;
  /** Opens the file again after it was renamed. Does nothing for a descriptor. */
  reopen(): void;
}

const BATCH_CHARACTERS = 64 * 1024;
const MAX_PENDING_BYTES = 1024 * 1024;
const FILE_MODE = 0o600;

/**
 * `target` is a path or an open descriptor. `failed` is called when the file cannot be opened or written, and
 * again only after it has worked.
 */
export function openLineWriter(target: string | number, failed: (error: unknown) => void): LineWriter {
  /** Undefined while the file cannot be opened: every flush tries again. */
  let descriptor = typeof target === 'number' ? target : undefined;
  let lines = '';
  /** What an earlier write left over. */
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

  function flush(): void {
    if (lines === '' && rest.length === 0) return;
    const octets = Buffer.from(lines);
    lines = '';
    if (rest.length === 0) rest = octets;
    else if (rest.length + octets.length <= MAX_PENDING_BYTES) rest = Buffer.concat([rest, octets]);
    attempt((open) => {
      while (rest.length > 0) rest = rest.subarray(writeSync(open, rest));
    });
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
    write(line) {
      lines += line;
      if (lines.length >= BATCH_CHARACTERS) flush();
    },
    reopen,
  };
}

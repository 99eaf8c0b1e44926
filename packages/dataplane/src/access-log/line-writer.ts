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

// `write` of a Buffer does the same in twice the time.
const { utf8Write } = Buffer.prototype as unknown as {
  utf8Write(this: Uint8Array, text: string, start: number, length: number): number;
};

const BATCH_OCTETS = 64 * 1024;
/** UTF-8 has at most so many octets for a character of a string. */
const MOST_OCTETS = 3;
const MAX_PENDING_BYTES = 1024 * 1024;
const FILE_MODE = 0o600;

/**
 * `target` is a path or an open descriptor. `failed` is called when the file cannot be opened or written, and
 * again only after it has worked.
 */
export function openLineWriter(target: string | number, failed: (error: unknown) => void): LineWriter {
  /** Undefined while the file cannot be opened: every flush tries again. */
  let descriptor = typeof target === 'number' ? target : undefined;
  // Strings that wait would be joined only when they are written, and had left the processor's cache by then.
  const batch = Buffer.allocUnsafeSlow(2 * BATCH_OCTETS);
  let filled = 0;
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
    send(batch.subarray(0, filled));
    filled = 0;
  }

  function send(octets: Buffer): void {
    if (octets.length === 0 && rest.length === 0) return;
    if (rest.length === 0) rest = octets;
    else if (rest.length + octets.length <= MAX_PENDING_BYTES) rest = Buffer.concat([rest, octets]);
    attempt((open) => {
      while (rest.length > 0) rest = rest.subarray(writeSync(open, rest));
    });
    // The memory of a batch is used again.
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
    write(line) {
      const most = line.length * MOST_OCTETS;
      if (filled + most > batch.length) flush();
      if (most > batch.length) send(Buffer.from(line));
      else filled += utf8Write.call(batch, line, filled, most);
      if (filled >= BATCH_OCTETS) flush();
    },
    reopen,
  };
}

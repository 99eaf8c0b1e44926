// Writes lines to a file or a descriptor in batches. A failing log must not stop its server. Lines that
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

export interface LineWriterOptions {
  /** How many bytes are collected before a write; 0 writes each line at once. */
  bufferBytes: number;
  /** Called when writing begins to fail, and again only after it has worked. */
  failed?: (error: unknown) => void;
}

const MAX_PENDING_BYTES = 1024 * 1024;
const FILE_MODE = 0o600;

/** `target` is a path or an open descriptor. Throws Node's error if the file cannot be opened. */
export function openLineWriter(target: string | number, options: LineWriterOptions): LineWriter {
  const { bufferBytes, failed = () => {} } = options;
  const open = () => (typeof target === 'number' ? target : openSync(target, 'a', FILE_MODE));
  let descriptor = open();
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  let failing = false;

  function flush(): void {
    if (pendingBytes === 0) return;
    let rest: Buffer = Buffer.concat(pending);
    try {
      while (rest.length > 0) rest = rest.subarray(writeSync(descriptor, rest));
      failing = false;
    } catch (error) {
      if (!failing) failed(error);
      failing = true;
    }
    pending = rest.length > 0 ? [rest] : [];
    pendingBytes = rest.length;
  }

  return {
    flush,
    write(line) {
      const bytes = Buffer.from(line);
      if (pendingBytes + bytes.length > MAX_PENDING_BYTES) return;
      pending.push(bytes);
      pendingBytes += bytes.length;
      // While writing fails, every flush tries again, but not every line.
      if (pendingBytes > bufferBytes && (!failing || bufferBytes === 0)) flush();
    },
    reopen() {
      if (typeof target === 'number') return;
      flush();
      closeSync(descriptor);
      descriptor = open();
    },
  };
}

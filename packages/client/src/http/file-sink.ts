// Writes octets to a file through two buffers: one fills while the other is written.
import { write } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';

/** Where the octets of an answer are written. */
export interface FileSink {
  /** Copies the piece. False: send no more until `resume` is called. Throws the error of an earlier write. */
  take(chunk: Buffer, resume: () => void): boolean;
  /** Writes what is left, and waits. */
  end(): Promise<void>;
  /** Waits for the write in progress, and drops the rest. */
  settle(): Promise<void>;
  /** The position of the next octet to write. */
  readonly position: number;
}

const BUFFER_BYTES = 512 * 1024;

/** Writes from `start` on. */
export function createFileSink({ fd }: FileHandle, start: number): FileSink {
  let filling = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  let other = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  let filled = 0;
  let position = start;
  let writing: Promise<void> | undefined;
  let failure: Error | undefined;

  /** Exchanges the full buffer for the free one. */
  function flush(): void {
    const full = filling.subarray(0, filled);
    [filling, other] = [other, filling];
    filled = 0;
    const written = () => {
      position += full.length;
      writing = undefined;
    };
    const failed = (error: Error) => {
      failure = error;
      writing = undefined;
    };
    writing = writeAll(fd, full, position).then(written, failed);
  }

  function fill(chunk: Buffer): Buffer {
    const size = Math.min(chunk.length, filling.length - filled);
    filling.set(chunk.subarray(0, size), filled);
    filled += size;
    return chunk.subarray(size);
  }

  const sink: FileSink = {
    take(chunk, resume) {
      if (failure !== undefined) throw failure;
      const rest = fill(chunk);
      if (filled < filling.length) return true;
      if (writing === undefined) {
        flush();
        fill(rest); // a piece is smaller than a buffer
        return true;
      }
      const kept = Buffer.from(rest); // both are full, and the piece is valid only now
      writing.then(() => {
        flush();
        fill(kept);
        resume();
      });
      return false;
    },
    async end() {
      await writing;
      if (filled > 0 && failure === undefined) flush();
      await writing;
      if (failure !== undefined) throw failure;
    },
    settle: () => sink.end().catch(() => {}),
    get position() {
      return position;
    },
  };
  return sink;
}

function writeAll(fd: number, octets: Buffer, position: number): Promise<void> {
  return new Promise((resolve, reject) => {
    write(fd, octets, 0, octets.length, position, (error, written) => {
      if (error !== null) reject(error);
      else if (written === octets.length) resolve();
      else resolve(writeAll(fd, octets.subarray(written), position + written));
    });
  });
}

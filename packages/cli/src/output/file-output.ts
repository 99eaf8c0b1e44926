// Standard output that is a file. Node's own stream makes one system call for each write, and does not notice
// a partial write, for example on a full disk. This stream writes everything, or fails.
import { fstatSync, writeSync } from 'node:fs';
import { Writable } from 'node:stream';

const STANDARD_OUTPUT = 1;

/**
 * Replaces `process.stdout` with such a stream if it is a file or a device, and not a terminal, pipe or
 * socket.
 */
export function completeFileOutput(process: NodeJS.Process): void {
  const stat = fstatSync(STANDARD_OUTPUT);
  if (process.stdout.isTTY || !(stat.isFile() || stat.isCharacterDevice())) return;
  Object.defineProperty(process, 'stdout', { value: createFileOutput(STANDARD_OUTPUT), configurable: true });
}

/** Returns the number of octets that it has written. */
type Write = (descriptor: number, octets: Uint8Array) => number;

/** Writes at once, like Node's own stream. Stops after an error. */
export function createFileOutput(descriptor: number, write: Write = writeSync): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      try {
        for (let rest = chunk; rest.length > 0; ) rest = rest.subarray(write(descriptor, rest));
        done();
      } catch (error) {
        done(error as Error);
      }
    },
  });
}

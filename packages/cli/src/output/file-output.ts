// Standard output that is a file: Node's own stream makes one system call for each write and takes no notice
// when only a part was written, as on a disk that becomes full. This one writes all of it, or fails.
import { fstatSync, writeSync } from 'node:fs';
import { Writable } from 'node:stream';

const STANDARD_OUTPUT = 1;

/**
 * Puts such a stream in the place of `process.stdout` where that is a file or a device, and not a terminal,
 * pipe or socket.
 */
export function completeFileOutput(process: NodeJS.Process): void {
  const stat = fstatSync(STANDARD_OUTPUT);
  if (process.stdout.isTTY || !(stat.isFile() || stat.isCharacterDevice())) return;
  Object.defineProperty(process, 'stdout', { value: createFileOutput(STANDARD_OUTPUT), configurable: true });
}

/** Gives the number of octets that it has written. */
type Write = (descriptor: number, octets: Uint8Array) => number;

/** Writes at once, as Node's own stream does; after an error it writes no more. */
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

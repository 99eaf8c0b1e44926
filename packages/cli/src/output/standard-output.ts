// Whether the output of a command was written. A stream reports a failed write later, as an event. This
// remembers it, so that a command can revoke a secret that it could not deliver, and so that every command
// reports it.
import type { Writable } from 'node:stream';
import { type CliError, cannotWrite } from '../exit-status.ts';

export interface StandardOutput {
  /** Waits until all output is written. Returns the system's error if that failed. */
  failure(): Promise<NodeJS.ErrnoException | undefined>;
  /** The same, for a caller that reports the failure itself: it is not reported again. */
  takeFailure(): Promise<NodeJS.ErrnoException | undefined>;
}

export function watchOutput({ stdout, stderr }: { stdout: Writable; stderr: Writable }): StandardOutput {
  let failure: NodeJS.ErrnoException | undefined;
  let isTaken = false;
  stdout.on('error', (error) => {
    failure ??= error;
  });
  // If standard error fails, there is no place for a message.
  stderr.on('error', () => {});
  const output: StandardOutput = {
    async failure() {
      await written(stdout);
      return isTaken ? undefined : failure;
    },
    async takeFailure() {
      const found = await output.failure();
      isTaken = found !== undefined;
      return found;
    },
  };
  return output;
}

/** The reader, for example `head`, has all it needs: this is not a failure of the command. */
export function isClosedPipe({ code }: NodeJS.ErrnoException): boolean {
  return code === 'EPIPE';
}

export function cannotPrint(failure: NodeJS.ErrnoException): CliError {
  return cannotWrite('to standard output', failure);
}

/** The streams call back in the order of the writes, and report an error in the same turn. */
async function written(stream: Writable): Promise<void> {
  await new Promise<void>((resolve) => stream.write('', () => setImmediate(resolve)));
}

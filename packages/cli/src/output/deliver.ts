// Writes secrets that the server returns only once: to a new file that only this user can read, or to
// standard output. Revokes a secret that cannot be delivered: otherwise it would stay valid without an owner.
import { type FileHandle, open, rm } from 'node:fs/promises';
import { CliError, cannotWrite, exitStatus } from '../exit-status.ts';
import type { CliContext } from '../process.ts';
import { cell, print } from './print.ts';
import { cannotPrint } from './standard-output.ts';

/** How to undo what the server has created. */
export interface Revocation {
  /** For example `API key 4f…`. */
  name: string;
  revoke(): Promise<unknown>;
  /** The command for a person to run if `revoke` fails. */
  command: string;
}

export interface Delivery<Made> {
  make(): Promise<Made>;
  /** The secret, without a line end. */
  textOf(made: Made): string;
  /** How to undo it. */
  revocationOf?(made: Made): Revocation;
  /** What a person must do if it cannot be undone: a clause for the error. */
  remedyOf?(made: Made): string;
}

/**
 * Calls `make`, and writes its secret to a new file of mode 0600. Before that, refuses an existing file and a
 * full disk. Removes the file after a failure. Throws `CliError`.
 */
export async function deliverToFile<Made>(path: string, delivery: Delivery<Made>): Promise<Made> {
  await using file = await open(path, 'wx', 0o600).catch((error) => {
    throw cannotWrite(path, error);
  });
  try {
    await overwrite(file, ' '.repeat(RESERVED_BYTES)).catch((error) => {
      throw cannotWrite(path, error);
    });
    const made = await delivery.make();
    await overwrite(file, `${delivery.textOf(made)}\n`).catch(async (error) => {
      throw await undelivered(cannotWrite(path, error), delivery, made);
    });
    return made;
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
}

/** Calls `make`, and prints only its secret to standard output. Throws `CliError`. */
export async function deliverToOutput<Made>(
  { process, output }: CliContext,
  delivery: Delivery<Made>,
): Promise<Made> {
  const made = await delivery.make();
  print(process, delivery.textOf(made));
  const failure = await output.takeFailure();
  if (failure !== undefined) throw await undelivered(cannotPrint(failure), delivery, made);
  return made;
}

async function undelivered<Made>(
  error: CliError,
  { revocationOf, remedyOf }: Delivery<Made>,
  made: Made,
): Promise<CliError> {
  if (remedyOf === undefined) return takeBack(error, revocationOf?.(made));
  return new CliError(exitStatus.failed, `${error.message}; ${cell(remedyOf(made))}`, { cause: error });
}

/** Revokes the secret, and returns the error with a clause about it. */
export async function takeBack(error: CliError, revocation: Revocation | undefined): Promise<CliError> {
  if (revocation === undefined) return error;
  const { name, revoke, command } = revocation;
  const consequence = await revoke().then(
    () => `${cell(name)} is therefore revoked`,
    (cause: Error) =>
      `${cell(name)} could not be revoked (${cause.message}): revoke it with ${cell(command)}`,
  );
  return new CliError(exitStatus.failed, `${error.message}; ${consequence}`, { cause: error });
}

/** As large as a block of a file system, so that the secret needs no more space. */
const RESERVED_BYTES = 4096;

async function overwrite(file: FileHandle, text: string): Promise<void> {
  const octets = Buffer.from(text);
  for (let at = 0; at < octets.length; ) {
    at += (await file.write(octets, at, octets.length - at, at)).bytesWritten;
  }
  await file.truncate(octets.length);
  await file.sync();
}

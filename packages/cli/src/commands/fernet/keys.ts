// The keys of the commands: in a file, or in the environment variable SECRET_KEY, never in an argument.
// Refuses missing keys, keys that are not 32 octets long, and repetitions of one octet. Never shows a key.
import { FernetError, parseFernetKeys } from '@gatehouse/protocol';
import { CliError, exitStatus, usageError } from '../../exit-status.ts';
import { readSecretFile } from '../../input/secrets.ts';
import type { CliProcess } from '../../process.ts';

const REMEDY = "'gatehouse fernet key' makes one";

/** At least one key. Throws `CliError`. */
export async function requireKeys(keyFile: string | undefined, process: CliProcess): Promise<string[]> {
  const keys = await findKeys(keyFile, process);
  if (keys !== undefined) return keys;
  throw usageError(
    `there is no key: set SECRET_KEY in the environment, or name a file with --key-file; ${REMEDY}`,
  );
}

/** Undefined if neither the option nor the environment names a key. Throws `CliError`. */
export async function findKeys(
  keyFile: string | undefined,
  process: CliProcess,
): Promise<string[] | undefined> {
  if (keyFile !== undefined) return parse(await readSecretFile(keyFile, process), keyFile);
  const { SECRET_KEY } = process.env;
  return SECRET_KEY === undefined ? undefined : parse(SECRET_KEY, 'SECRET_KEY');
}

function parse(text: string, source: string): string[] {
  try {
    return parseFernetKeys(text);
  } catch (error) {
    if (!(error instanceof FernetError)) throw error;
    const message = `${source} holds no usable key. ${error.message} The command ${REMEDY}.`;
    const status = source === 'SECRET_KEY' ? exitStatus.usage : exitStatus.failed;
    throw new CliError(status, message, { code: error.code, cause: error });
  }
}

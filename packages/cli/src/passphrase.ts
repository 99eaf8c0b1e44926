// Passphrases of private keys and of PKCS#12 files: from a file or a prompt. Refuses to go on where neither is there.
import { usageError } from './exit-status.ts';
import type { CliProcess } from './process.ts';
import { promptNewPassword, promptPassword, readPassphraseFile } from './secrets.ts';

export interface NewPassphrase {
  /** A file that holds it. */
  file?: string | undefined;
  /** Whether to ask for it, twice, where no file is given. */
  ask?: boolean | undefined;
}

/** The passphrase for a file that is to be written; `undefined` where none is wanted. Throws `CliError`. */
export async function newPassphrase(
  { file, ask }: NewPassphrase,
  process: CliProcess,
): Promise<string | undefined> {
  if (file !== undefined && ask)
    throw usageError('--passphrase asks for what --passphrase-file holds: give one');
  if (file !== undefined) return readPassphraseFile(file, process);
  if (!ask) return undefined;
  requireTerminal(process, 'the new passphrase');
  return promptNewPassword(process, 'New passphrase');
}

/** The passphrase of the file `path`, which needs one; `option` is how to give it. Throws `CliError`. */
export async function askPassphrase(path: string, option: string, process: CliProcess): Promise<string> {
  requireTerminal(process, `the passphrase of ${path}`, option);
  return promptPassword(process, `Passphrase of ${path}`);
}

/** That of a PKCS#12 file, which may be empty: from a file, else by asking. Throws `CliError`. */
export async function pkcs12Passphrase(
  path: string,
  file: string | undefined,
  process: CliProcess,
): Promise<string> {
  if (file !== undefined) return readPassphraseFile(file, process, { mayBeEmpty: true });
  requireTerminal(process, `the passphrase of ${path}`);
  return promptPassword(process, `Passphrase of ${path}`, { mayBeEmpty: true });
}

function requireTerminal(process: CliProcess, what: string, option = '--passphrase-file'): void {
  if (process.stdin.isTTY && process.stderr.isTTY) return;
  throw usageError(`no terminal to ask for ${what}: give ${option}`);
}

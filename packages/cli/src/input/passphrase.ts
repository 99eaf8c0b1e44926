// Passphrases of private keys and of PKCS#12 files: from a file or a prompt. Fails if there is neither.
import { usageError } from '../exit-status.ts';
import type { CliProcess } from '../process.ts';
import { promptNewPassword, promptPassword, readPassphraseFile } from './secrets.ts';

export interface NewPassphrase {
  /** A file with the passphrase. */
  file?: string | undefined;
  /** Whether to ask for it (twice) if no file is given. */
  ask?: boolean | undefined;
}

/** The passphrase for a new file; `undefined` for a file without one. Throws `CliError`. */
export async function newPassphrase(
  { file, ask }: NewPassphrase,
  process: CliProcess,
): Promise<string | undefined> {
  if (file !== undefined && ask)
    throw usageError(
      '--passphrase asks for the passphrase, --passphrase-file reads it from a file: give one of them',
    );
  if (file !== undefined) return readPassphraseFile(file, process);
  return ask ? askNewPassphrase(process) : undefined;
}

/** Asks twice for a new passphrase. Throws `CliError`. */
export async function askNewPassphrase(process: CliProcess, option = '--passphrase-file'): Promise<string> {
  requireTerminal(process, 'the new passphrase', option);
  return promptNewPassword(process, 'New passphrase');
}

/**
 * Asks for the passphrase of the file `path`. `option` is the option to use without a terminal. Throws
 * `CliError`.
 */
export async function askPassphrase(path: string, option: string, process: CliProcess): Promise<string> {
  requireTerminal(process, `the passphrase of ${path}`, option);
  return promptPassword(process, `Passphrase of ${path}`);
}

/** The passphrase of a PKCS#12 file, which may be empty: from a file, or by asking. Throws `CliError`. */
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

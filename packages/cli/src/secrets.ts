// Secrets come from files, standard input or a prompt, never from arguments, which other users of the machine can read.
import { open, rm } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { CliError, cannotRead, cannotWrite, exitStatus, usageError } from './exit-status.ts';
import { remark } from './output.ts';
import type { CliProcess } from './process.ts';

/** More than fits in a request's header. */
const SECRET_BYTES = 16 * 1024;

/**
 * The secret in a file, without the white space around it. Refuses an empty one and one of several lines; remarks on a
 * file that others may read. Throws `CliError`, which never holds what the file does.
 */
export async function readSecretFile(path: string, process: CliProcess): Promise<string> {
  const { content, mode } = await readSmallFile(path);
  const secret = content.trim();
  if (secret === '') throw new CliError(exitStatus.failed, `${path} is empty: it should hold a key or token`);
  if (!/^[\x21-\x7e]+$/.test(secret) || secret.length >= SECRET_BYTES) {
    throw new CliError(exitStatus.failed, `${path} should hold one key or token and nothing else`);
  }
  warnIfShared(path, mode, process);
  return secret;
}

export interface PassphraseRules {
  /** Default false: an empty one protects nothing. PKCS#12 files with one are met with. */
  mayBeEmpty?: boolean;
}

/**
 * The passphrase in a file: all of it but its last line end. Refuses one of several lines, and an empty one unless the file that
 * it opens may have such; remarks on a file that others may read. Throws `CliError`, which never holds what the file does.
 */
export async function readPassphraseFile(
  path: string,
  process: CliProcess,
  { mayBeEmpty = false }: PassphraseRules = {},
): Promise<string> {
  const { content, mode } = await readSmallFile(path);
  const passphrase = content.replace(/\r?\n$/, '');
  if ((passphrase === '' && !mayBeEmpty) || /[\r\n\0]/.test(passphrase) || content.length >= SECRET_BYTES) {
    throw new CliError(
      exitStatus.failed,
      `${path} should hold one passphrase, on one line, and nothing else`,
    );
  }
  warnIfShared(path, mode, process);
  return passphrase;
}

const KEY_PREFIX = 'ghk_'; // docs/wire/api-key.md

/** The API key in a file. Throws as `readSecretFile` does, and a usage error for what is no API key. */
export async function readKeyFile(path: string, process: CliProcess): Promise<string> {
  const key = await readSecretFile(path, process);
  if (key.startsWith(KEY_PREFIX)) return key;
  throw usageError(`${path} holds no API key, which begins with ghk_: a token goes in with --token-file`);
}

/** The access token in a file. Throws as `readSecretFile` does, and a usage error with `remedy` for an API key. */
export async function readTokenFile(path: string, process: CliProcess, remedy: string): Promise<string> {
  const token = await readSecretFile(path, process);
  if (!token.startsWith(KEY_PREFIX)) return token;
  throw usageError(`${path} holds an API key and no token: ${remedy}`);
}

/**
 * Makes a file that this user alone can read, then what `make` makes, and writes the secret in it there. Refuses a file
 * that exists before `make` begins; removes its own when `make` fails. Throws `CliError`.
 */
export async function keepSecret<Made>(
  path: string,
  make: () => Promise<Made>,
  secretOf: (made: Made) => string,
): Promise<Made> {
  await using file = await open(path, 'wx', 0o600).catch((error) => {
    throw cannotWrite(path, error);
  });
  try {
    const made = await make();
    await file.writeFile(`${secretOf(made)}\n`);
    return made;
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
}

type Prompt = (process: CliProcess) => Promise<string>;

/** How a command will come by a password; throws a usage error at once when there is no way. */
export function passwordSource(
  fromStdin: boolean,
  process: CliProcess,
  prompt: Prompt = promptNewPassword,
): () => Promise<string> {
  if (fromStdin) return () => readPassword(process);
  if (process.stdin.isTTY && process.stderr.isTTY) return () => prompt(process);
  throw usageError(
    'no terminal to ask for the password: give --password-stdin and the password on standard input',
  );
}

/** All of standard input without its last line end. */
async function readPassword(process: CliProcess): Promise<string> {
  const password = (await text(process.stdin)).replace(/\r?\n$/, '');
  if (password === '') throw usageError('--password-stdin: standard input is empty');
  return password;
}

/** Asks once for a password that is known already. */
export async function promptPassword(
  { stdin: input, stderr: output }: CliProcess,
  message = 'Password',
  { mayBeEmpty = false }: PassphraseRules = {},
): Promise<string> {
  const { isCancel, password: ask } = await import('@clack/prompts');
  const validate = (value: string | undefined) => (value || mayBeEmpty ? undefined : 'It must not be empty');
  const answer = await ask({ message, input, output, validate });
  if (isCancel(answer)) throw new CliError(exitStatus.failed, 'cancelled: nothing was changed');
  return answer ?? ''; // of an empty line clack makes nothing at all
}

/** Asks twice for one that is new. */
export async function promptNewPassword(process: CliProcess, message?: string): Promise<string> {
  const { isCancel, password: ask } = await import('@clack/prompts');
  const first = await promptPassword(process, message);
  const { stdin: input, stderr: output } = process;
  const validate = (value: string | undefined) => (value === first ? undefined : 'That is not the same');
  const second = await ask({ message: 'Again', input, output, clearOnError: true, validate });
  if (isCancel(second)) throw new CliError(exitStatus.failed, 'cancelled: nothing was changed');
  return first;
}

function warnIfShared(path: string, mode: number, process: CliProcess): void {
  if ((mode & 0o077) === 0) return;
  remark(process, `gatehouse: warning: ${path} can be read by other users: chmod 600 ${path}`);
}

async function readSmallFile(path: string): Promise<{ content: string; mode: number }> {
  try {
    await using file = await open(path);
    const stat = await file.stat();
    const { bytesRead, buffer } = await file.read({ buffer: Buffer.alloc(SECRET_BYTES) });
    return { content: buffer.toString('utf8', 0, bytesRead), mode: stat.isFile() ? stat.mode : 0 };
  } catch (error) {
    throw cannotRead(path, error);
  }
}

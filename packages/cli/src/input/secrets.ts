// Secrets come from files, standard input or a prompt. They never come from arguments, because other users of
// the machine can read these. Refuses octets that are not UTF-8, and ignores a byte order mark.
import { open } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { CliError, cannotRead, exitStatus, usageError } from '../exit-status.ts';
import { remark } from '../output/print.ts';
import type { CliProcess } from '../process.ts';
import { decodeText, requireText } from './decode-text.ts';
import { readUpTo } from './input-file.ts';

/** More than fits in a request's header. */
const SECRET_BYTES = 16 * 1024;

/**
 * The secret in a file, without the white space around it. Refuses an empty file and several lines. Warns
 * about a file that others may read. Throws `CliError`, which never quotes the file's content.
 */
export async function readSecretFile(path: string, process: CliProcess): Promise<string> {
  const expected = `${path} should hold one key or token and nothing else`;
  const { content, mode } = await readSmallFile(path, expected);
  const secret = content.trim();
  if (secret === '') throw new CliError(exitStatus.failed, `${path} is empty: it should hold a key or token`);
  if (!/^[\x21-\x7e]+$/.test(secret)) throw new CliError(exitStatus.failed, expected);
  warnIfShared(path, mode, process);
  return secret;
}

export interface PassphraseRules {
  /** Default false, since an empty passphrase protects nothing. Some PKCS#12 files have one. */
  mayBeEmpty?: boolean;
}

/**
 * The passphrase in a file: its whole content except the last line end. Refuses several lines, and an empty
 * passphrase unless it is allowed. Warns about a file that others may read. Throws `CliError`, which never
 * quotes the file's content.
 */
export async function readPassphraseFile(
  path: string,
  process: CliProcess,
  { mayBeEmpty = false }: PassphraseRules = {},
): Promise<string> {
  const expected = `${path} should hold one passphrase, on one line, and nothing else`;
  const { content, mode } = await readSmallFile(path, expected);
  const passphrase = content.replace(/\r?\n$/, '');
  if ((passphrase === '' && !mayBeEmpty) || /[\r\n\0]/.test(passphrase)) {
    throw new CliError(exitStatus.failed, expected);
  }
  warnIfShared(path, mode, process);
  return passphrase;
}

/** The keys in a file of age, one in each line, without comments. Throws `CliError`. */
export async function readAgeKeys(path: string): Promise<string[]> {
  return keysIn(path, await readSmallFile(path, ageKeysExpected(path)));
}

/** The same for secret keys; warns about a file that others may read. */
export async function readIdentityFile(path: string, process: CliProcess): Promise<string[]> {
  const file = await readSmallFile(path, ageKeysExpected(path));
  warnIfShared(path, file.mode, process);
  return keysIn(path, file);
}

const ageKeysExpected = (path: string) => `${path} should hold keys of age, one a line`;

function keysIn(path: string, { content }: { content: string }): string[] {
  const lines = content.split(/\r?\n/).map((line) => line.trim());
  const keys = lines.filter((line) => line !== '' && !line.startsWith('#'));
  if (keys.length === 0) throw new CliError(exitStatus.failed, ageKeysExpected(path));
  return keys;
}

/**
 * All octets of a file as a key. Refuses an empty file and a file that is too large. Warns about a file that
 * others may read, and about a line end, because it is a part of the key. Throws `CliError`.
 */
export async function readKeyOctets(path: string, process: CliProcess): Promise<Buffer> {
  const { octets, mode } = await readFile(path).catch((error) => {
    throw cannotRead(path, error);
  });
  const expected = `${path} should hold a key of 1 to ${SECRET_BYTES - 1} octets, and nothing else`;
  if (octets.length === 0 || octets.length >= SECRET_BYTES) throw new CliError(exitStatus.failed, expected);
  warnIfShared(path, mode, process);
  if (octets.at(-1) === LINE_FEED) {
    remark(process, `gatehouse: warning: ${path} ends with a line end, which is a part of the key`);
  }
  return octets;
}

const LINE_FEED = 0x0a;

const KEY_PREFIX = 'ghk_'; // docs/wire/api-key.md

/**
 * The API key in a file. Throws as `readSecretFile` does, and a usage error for anything that is not an API
 * key.
 */
export async function readApiKeyFile(path: string, process: CliProcess): Promise<string> {
  const key = await readSecretFile(path, process);
  if (key.startsWith(KEY_PREFIX)) return key;
  throw usageError(`${path} holds no API key, which begins with ghk_: give a token with --token-file`);
}

/**
 * The access token in a file. Throws as `readSecretFile` does, and a usage error with `remedy` for an API
 * key.
 */
export async function readTokenFile(path: string, process: CliProcess, remedy: string): Promise<string> {
  const token = await readSecretFile(path, process);
  if (!token.startsWith(KEY_PREFIX)) return token;
  throw usageError(`${path} holds an API key and no token: ${remedy}`);
}

type Prompt = (process: CliProcess) => Promise<string>;

/** How a command will get a password. Throws a usage error at once if there is no way. */
export function passwordSource(
  fromStdin: boolean,
  process: CliProcess,
  prompt: Prompt = promptNewPassword,
): () => Promise<string> {
  if (fromStdin && process.stdin.isTTY) {
    throw usageError(
      '--password-stdin reads a pipe or a file, and your terminal would show what you type: leave it out, and the command asks',
    );
  }
  if (fromStdin) return () => readPassword(process);
  if (process.stdin.isTTY && process.stderr.isTTY) return () => prompt(process);
  throw usageError(
    'no terminal to ask for the password: give --password-stdin and the password on standard input',
  );
}

/** Standard input without its last line end. */
async function readPassword(process: CliProcess): Promise<string> {
  const password = decodeText(await buffer(process.stdin), 'standard input').replace(/\r?\n$/, '');
  if (password === '') throw usageError('--password-stdin: standard input is empty');
  return password;
}

/** Asks once for a password that already exists. */
export async function promptPassword(
  { stdin: input, stderr: output }: CliProcess,
  message = 'Password',
  { mayBeEmpty = false }: PassphraseRules = {},
): Promise<string> {
  const { isCancel, password: ask } = await import('@clack/prompts');
  const validate = (value: string | undefined) => (value || mayBeEmpty ? undefined : 'It must not be empty');
  const answer = await ask({ message, input, output, validate });
  if (isCancel(answer)) throw new CliError(exitStatus.failed, 'cancelled: nothing was changed');
  const password = answer ?? ''; // clack gives undefined for an empty line
  requireText(password, 'the typed text');
  return password;
}

/** Asks twice for a new password. */
export async function promptNewPassword(process: CliProcess, message?: string): Promise<string> {
  const { isCancel, password: ask } = await import('@clack/prompts');
  const first = await promptPassword(process, message);
  const { stdin: input, stderr: output } = process;
  const validate = (value: string | undefined) => (value === first ? undefined : 'The two inputs differ');
  const second = await ask({ message: 'Again', input, output, clearOnError: true, validate });
  if (isCancel(second)) throw new CliError(exitStatus.failed, 'cancelled: nothing was changed');
  return first;
}

function warnIfShared(path: string, mode: number, process: CliProcess): void {
  if ((mode & 0o077) === 0) return;
  remark(process, `gatehouse: warning: ${path} can be read by other users: chmod 600 ${path}`);
}

/** `expected` is the refusal of a file that is too large. */
async function readSmallFile(path: string, expected: string): Promise<{ content: string; mode: number }> {
  const { octets, mode } = await readFile(path).catch((error) => {
    throw cannotRead(path, error);
  });
  if (octets.length >= SECRET_BYTES) throw new CliError(exitStatus.failed, expected);
  return { content: decodeText(octets, path), mode };
}

/** A pipe, such as the shell's `<(…)`, has no mode. */
async function readFile(path: string): Promise<{ octets: Buffer; mode: number }> {
  await using file = await open(path);
  const stat = await file.stat();
  return { octets: await readUpTo(file, SECRET_BYTES), mode: stat.isFile() ? stat.mode : 0 };
}

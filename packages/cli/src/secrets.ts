// Secrets come from files, standard input or a prompt, never from arguments, which other users of the machine can read.
import { open } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { CliError, cannotRead, exitStatus, usageError } from './exit-status.ts';
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
  if ((mode & 0o077) !== 0) {
    remark(process, `gatehouse: warning: ${path} can be read by other users: chmod 600 ${path}`);
  }
  return secret;
}

/** How a command will come by a password; throws a usage error at once when there is no way. */
export function passwordSource(fromStdin: boolean, process: CliProcess): () => Promise<string> {
  if (fromStdin) return () => readPassword(process);
  if (process.stdin.isTTY && process.stderr.isTTY) return () => promptPassword(process);
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

async function promptPassword({ stdin: input, stderr: output }: CliProcess): Promise<string> {
  const { isCancel, password: ask } = await import('@clack/prompts');
  const first = await ask({
    message: 'Password',
    input,
    output,
    validate: (value) => (value ? undefined : 'It must not be empty'),
  });
  if (isCancel(first)) throw new CliError(exitStatus.failed, 'cancelled: nothing was changed');
  const validate = (value: string | undefined) =>
    value === first ? undefined : 'That is not the same password';
  const second = await ask({ message: 'Again', input, output, clearOnError: true, validate });
  if (isCancel(second)) throw new CliError(exitStatus.failed, 'cancelled: nothing was changed');
  return first;
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

// The exit statuses of the command, and the errors that lead to each. Scripts depend on these numbers. Does
// not import the client's main entry, which loads an HTTP client that few commands need.
import { ClientError, type ClientErrorCode } from '@gatehouse/client/errors';

export const exitStatus = {
  ok: 0,
  failed: 1,
  usage: 2,
  connect: 3,
  timeout: 4,
  tlsTrust: 5,
  pin: 6,
  clientIdentity: 7,
  proxy: 8,
  limit: 9,
  /** HTTP 4xx and 5xx, with `--check`. */
  clientError: 14,
  serverError: 15,
} as const;

/** What each status means: `gatehouse --help`, the manual pages and docs/command-line.md show this table. */
const exitMeanings: Readonly<Record<keyof typeof exitStatus, string>> = {
  ok: 'Success',
  failed: 'Refused or failed: the message says why',
  usage: 'The command line or a setting is wrong',
  connect: 'No connection to the server',
  timeout: 'No answer in time',
  tlsTrust: "The server's certificate is not trusted",
  pin: "The server's certificate does not match the fingerprint",
  clientIdentity: 'The server does not accept the client certificate',
  proxy: 'The proxy refused, or cannot be used',
  limit: 'The answer is larger than a limit',
  clientError: "With 'request --check': the status of the answer is 4xx",
  serverError: "With 'request --check': the status of the answer is 5xx",
};

/** The rows of that table. */
export const exitRows: readonly (readonly [status: string, meaning: string])[] = Object.entries(
  exitStatus,
).map(([name, status]) => [String(status), exitMeanings[name as keyof typeof exitStatus]]);

export type ExitStatus = (typeof exitStatus)[keyof typeof exitStatus];

/** An expected failure of a command: one line for the user, and the status to exit with. */
export class CliError extends Error {
  readonly status: ExitStatus;
  /** If the server refused: the code of its problem. `not_running`: there is no server. */
  readonly code: string | undefined;
  /** If the server refused: its whole problem (RFC 9457), which may have additional members. */
  readonly problem: unknown;

  constructor(
    status: ExitStatus,
    message: string,
    options?: { cause?: unknown; code?: string | undefined; problem?: unknown },
  ) {
    super(message, options);
    this.name = 'CliError';
    this.status = status;
    this.code = options?.code;
    this.problem = options?.problem;
  }
}

/** The command line is wrong. */
export function usageError(message: string): CliError {
  return new CliError(exitStatus.usage, message);
}

/** A file that could not be opened or read; `cause` is the system's error. */
export function cannotRead(path: string, cause: unknown): CliError {
  const { code } = cause as NodeJS.ErrnoException;
  const reason = fileReasons[code ?? ''] ?? code ?? 'its content cannot be read';
  return new CliError(exitStatus.failed, `cannot read ${path}: ${reason}`, { cause });
}

/** The sentence for a system error with the path of a file; undefined for other errors. */
export function fileProblem(error: unknown): string | undefined {
  const { path, syscall, code = '' } = error as NodeJS.ErrnoException;
  if (path === undefined || syscall === undefined) return undefined;
  const reason = fileReasons[code] ?? writeReasons[code];
  return reason === undefined ? undefined : `cannot use ${path}: ${reason}`;
}

const fileReasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EACCES: 'this user may not read it',
  EISDIR: 'it is a folder',
};

/** A file that could not be made; `cause` is the system's error. */
export function cannotWrite(path: string, cause: unknown): CliError {
  const { code } = cause as NodeJS.ErrnoException;
  const reason = writeReasons[code ?? ''] ?? code ?? 'the system does not say why';
  return new CliError(exitStatus.failed, `cannot write ${path}: ${reason}`, { cause });
}

const writeReasons: Readonly<Record<string, string>> = {
  EEXIST: 'it already exists, and this command does not overwrite it: name another file',
  ENOENT: 'there is no such folder',
  ENOTDIR: 'there is no such folder',
  EACCES: 'this user may not write there',
  EISDIR: 'it is a folder',
  ENAMETOOLONG: 'its name is too long',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: "this user's share of the disk is used up",
  EFBIG: 'the file would become larger than the system allows',
  EIO: 'the disk reports an error',
  EPIPE: 'the program that read it has ended',
};

/** The code of a failure in JSON: that of the server or the client, otherwise the name of the exit status. */
export function errorCodeOf(error: unknown): string {
  if (error instanceof CliError && error.code !== undefined) return error.code;
  if (error instanceof ClientError) return error.code;
  const status = exitStatusOf(error);
  const [name = 'failed'] = Object.entries(exitStatus).find(([, number]) => number === status) ?? [];
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

export function exitStatusOf(error: unknown): ExitStatus {
  if (error instanceof CliError) return error.status;
  if (error instanceof ClientError) return clientStatuses[error.code] ?? exitStatus.failed;
  return exitStatus.failed;
}

const clientStatuses: Partial<Record<ClientErrorCode, ExitStatus>> = {
  connect: exitStatus.connect,
  timeout: exitStatus.timeout,
  tls_trust: exitStatus.tlsTrust,
  channel_trust: exitStatus.tlsTrust,
  client_certificate: exitStatus.clientIdentity,
  pin: exitStatus.pin,
  seal_trust: exitStatus.tlsTrust,
  proxy: exitStatus.proxy,
  limit: exitStatus.limit,
};

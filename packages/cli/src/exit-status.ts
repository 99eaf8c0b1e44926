// What the exit status of the command says, and the errors that lead to each. Scripts depend on these numbers.
import { ClientError, type ClientErrorCode } from '@gatehouse/client';

export const exitStatus = {
  ok: 0,
  failed: 1,
  usage: 2,
  connect: 3,
  timeout: 4,
  tlsTrust: 5,
  /** HTTP 4xx and 5xx, with `--check`. */
  clientError: 14,
  serverError: 15,
} as const;

export type ExitStatus = (typeof exitStatus)[keyof typeof exitStatus];

/** An expected failure of a command: one line for the user, and the status to exit with. */
export class CliError extends Error {
  readonly status: ExitStatus;

  constructor(status: ExitStatus, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'CliError';
    this.status = status;
  }
}

/** A command line that makes no sense. */
export function usageError(message: string): CliError {
  return new CliError(exitStatus.usage, message);
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
};

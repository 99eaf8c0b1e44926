// Says how a connection or a look-up failed, and reveals nothing about the machine at the other end.
import { AcmeError, truncated } from '../problem.ts';

/** The error for the client about a failed connection. */
export function connectionError(where: string, error: unknown): AcmeError {
  if (error instanceof AcmeError) return error;
  return new AcmeError('connection', `Connecting to ${truncated(where)} failed (${reasonOf(error)}).`, {
    cause: error,
  });
}

/** Why a connection failed, in a word or two. */
export function reasonOf(error: unknown): string {
  const code = codeOf(error);
  return TIMEOUTS.includes(code) ? 'no answer in time' : code;
}

/** The code of Node's error. It is a number if a signal was the reason. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'failed';
}

// The codes of an aborted request, of the two reasons that signals give, and of a timeout of the kernel.
const TIMEOUTS = ['ABORT_ERR', '20', '23', 'ETIMEDOUT'];

const RETRY_AFTER_SECONDS = 5;

/** The queue of validations is full. */
export function tooManyValidations(): AcmeError {
  return new AcmeError('rateLimited', 'Too many validations are under way: try again soon.', {
    headers: { 'retry-after': String(RETRY_AFTER_SECONDS) },
  });
}

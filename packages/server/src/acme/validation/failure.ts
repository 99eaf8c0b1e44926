// How a connection or a look-up failed, in words that tell nothing about what is behind it.
import { AcmeError, shown } from '../problem.ts';

/** A failed connection as the client may know it. */
export function connectionError(where: string, error: unknown): AcmeError {
  if (error instanceof AcmeError) return error;
  const code = codeOf(error);
  const reason = TIMEOUTS.includes(code) ? 'no answer in time' : code;
  return new AcmeError('connection', `Connecting to ${shown(where)} failed (${reason}).`, { cause: error });
}

/** The code of a failure of Node, which is a number where a signal was the reason. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'failed';
}

// Of a request that was called off, and of the two reasons that signals give.
const TIMEOUTS = ['ABORT_ERR', '20', '23'];
const CONNECT_FAILURES = ['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL', 'ETIMEDOUT'];

/** Whether nobody answered at that address, so that another may. */
export function isConnectFailure(error: unknown): boolean {
  return CONNECT_FAILURES.includes(codeOf(error instanceof AcmeError ? error.options.cause : error));
}

const RETRY_AFTER_SECONDS = 5;

/** The queue of validations is full. */
export function tooManyValidations(): AcmeError {
  return new AcmeError('rateLimited', 'Too many validations are under way: try again soon.', {
    headers: { 'retry-after': String(RETRY_AFTER_SECONDS) },
  });
}

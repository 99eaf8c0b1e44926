// The errors between a client and a server, with stable codes. A message is one line that says what to do
// next. It contains no credential. HTTP statuses are answers, not errors.
import type { clientErrorCodes } from './error-codes.ts';

/** What failed, for programs. These codes do not change between versions. */
export type ClientErrorCode = keyof typeof clientErrorCodes;

/**
 * An expected failure of a request. `cause` is the original error, for diagnosis.
 * @example
 * if (error instanceof ClientError && error.code === 'timeout') tryAgain();
 */
export class ClientError extends Error {
  readonly code: ClientErrorCode;

  constructor(code: ClientErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'ClientError';
    this.code = code;
  }
}

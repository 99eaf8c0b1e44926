// The errors between a client and a server, with stable codes. A message is one line that says what to do
// next. It contains no credential. HTTP statuses are answers, not errors.
import type { clientErrorCodes } from './error-codes.ts';
import type { TlsReason } from './tls-reason.ts';

/** What failed, for programs. These codes do not change between versions. */
export type ClientErrorCode = keyof typeof clientErrorCodes;

/** Why a connection of TLS was refused. */
export interface TlsRefusal {
  reason: TlsReason;
  /** What to do. */
  fix: string;
}

/**
 * An expected failure of a request. `cause` is the original error, for diagnosis.
 * @example
 * if (error instanceof ClientError && error.code === 'timeout') tryAgain();
 */
export class ClientError extends Error {
  readonly code: ClientErrorCode;
  /** If a certificate or a handshake was refused: the reason, and what to do. */
  readonly tls: TlsRefusal | undefined;

  constructor(
    code: ClientErrorCode,
    message: string,
    options?: { cause?: unknown; tls?: TlsRefusal | undefined },
  ) {
    super(message, options);
    this.tls = options?.tls;
    this.name = 'ClientError';
    this.code = code;
  }
}

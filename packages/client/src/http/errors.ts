// The typed errors of a client. Each has the phase, the attempt and the time of the failure, and says whether
// another try makes sense. No message contains a credential.
import type { MessageSignatureErrorCode } from '@gatehouse/protocol';
import type { ClientErrorCode, TlsRefusal } from '../errors.ts';
import { ClientError } from '../errors.ts';
import type { TlsReason } from '../tls-reason.ts';

export type { TlsReason } from '../tls-reason.ts';

/** What the client did when it failed. */
export type Phase = 'dns' | 'connect' | 'tls' | 'proxy' | 'request' | 'response' | 'body' | 'total';

/** The facts in every error of a request. */
export interface Failure {
  phase: Phase;
  /** 1 for the first try. */
  attempt: number;
  timings: { elapsedMs: number };
  retryable: boolean;
}

/**
 * A failed request. The classes below are its kinds.
 * @example
 * if (error instanceof RequestError && error.retryable) tryAgain();
 */
export class RequestError extends ClientError implements Failure {
  // Written out in each class, because bundlers shorten the names of classes.
  override name = 'RequestError';
  readonly phase: Phase;
  readonly attempt: number;
  readonly timings: { elapsedMs: number };
  readonly retryable: boolean;

  constructor(
    code: ClientErrorCode,
    message: string,
    failure: Failure,
    options?: { cause?: unknown; tls?: TlsRefusal },
  ) {
    super(code, message, options);
    this.phase = failure.phase;
    this.attempt = failure.attempt;
    this.timings = failure.timings;
    this.retryable = failure.retryable;
  }
}

/**
 * The name does not resolve.
 * @example
 * if (error instanceof DnsError) askForTheName();
 */
export class DnsError extends RequestError {
  override name = 'DnsError';
}

/**
 * No connection, or the connection ended before the answer was complete.
 * @example
 * if (error instanceof ConnectError) startTheServer();
 */
export class ConnectError extends RequestError {
  override name = 'ConnectError';
}

/**
 * The certificate of the server, or that of the client, is not accepted.
 * @example
 * if (error instanceof TlsError) console.error(error.reason, error.fix);
 */
export class TlsError extends RequestError {
  override name = 'TlsError';
  readonly reason: TlsReason;
  /** The certificates that the server sent, as PEM. Empty if the handshake failed before. */
  readonly chain: readonly string[];
  /** What to do. */
  readonly fix: string;

  constructor(
    code: ClientErrorCode,
    message: string,
    failure: Failure,
    tls: { reason: TlsReason; chain: readonly string[]; fix: string; cause: unknown },
  ) {
    super(code, message, failure, { cause: tls.cause, tls: { reason: tls.reason, fix: tls.fix } });
    this.reason = tls.reason;
    this.chain = tls.chain;
    this.fix = tls.fix;
  }
}

/**
 * The proxy refused.
 * @example
 * if (error instanceof ProxyError && error.status === 407) askForThePassword();
 */
export class ProxyError extends RequestError {
  override name = 'ProxyError';
  /** The status of the proxy, if it answered. */
  readonly status: number | undefined;

  constructor(message: string, failure: Failure, options: { status?: number | undefined; cause?: unknown }) {
    super('proxy', message, failure, options);
    this.status = options.status;
  }
}

/**
 * A time limit passed. `phase` says which.
 * @example
 * if (error instanceof TimeoutError && error.phase === 'total') giveUp();
 */
export class TimeoutError extends RequestError {
  override name = 'TimeoutError';
}

/**
 * The status is 4xx or 5xx, and the caller asked for the content.
 * @example
 * if (error instanceof HttpError) console.error(error.status, error.problem?.detail ?? error.body);
 */
export class HttpError extends RequestError {
  override name = 'HttpError';
  readonly status: number;
  /** The problem of the answer (RFC 9457), if it has one. */
  readonly problem: Readonly<Record<string, unknown>> | undefined;
  /** The text of the answer, up to 64 KiB. */
  readonly body: string;

  constructor(
    message: string,
    failure: Failure,
    answer: { status: number; problem: Readonly<Record<string, unknown>> | undefined; body: string },
  ) {
    super('http', message, failure);
    this.status = answer.status;
    this.problem = answer.problem;
    this.body = answer.body;
  }
}

/**
 * The answer is larger than a limit, or there are too many redirects, or one leads to plain HTTP.
 * @example
 * if (error instanceof LimitError) readItAsAStream();
 */
export class LimitError extends RequestError {
  override name = 'LimitError';
}

/**
 * A credential may not be sent, or is of a kind that the server does not accept.
 * @example
 * if (error instanceof AuthError && error.code === 'identity_plaintext') useHttps();
 */
export class AuthError extends RequestError {
  override name = 'AuthError';
}

/**
 * The answer is not signed as it should be. `reason` says why.
 * @example
 * if (error instanceof SignatureError && error.reason === 'signature_missing') askTheOperator();
 */
export class SignatureError extends RequestError {
  override name = 'SignatureError';
  readonly reason: MessageSignatureErrorCode;

  constructor(
    message: string,
    failure: Failure,
    options: { reason: MessageSignatureErrorCode; cause?: unknown },
  ) {
    super('signature', message, failure, options);
    this.reason = options.reason;
  }
}

/**
 * The signal of the caller ended the request. `cause` is its reason. The name is the same as in `fetch`.
 * @example
 * if (error instanceof AbortedError) console.error('stopped');
 */
export class AbortedError extends RequestError {
  override name = 'AbortError';

  constructor(message: string, failure: Failure, options?: { cause?: unknown }) {
    super('aborted', message, failure, options);
  }
}

// Turns the errors of sockets, TLS and undici into `ClientError`, before and after the header of the
// response. Does not change errors of the caller (an abort, a failed request body, misuse).
import type { Dispatcher } from 'undici';
import { ClientError } from './errors.ts';
import { certificatesOf, distrustOf, handshakeRefusal } from './network/distrust.ts';
import { errors } from './network/undici-parts.ts';
import type { Timeouts } from './timeouts.ts';

export interface ReportOptions {
  timeouts: Required<Timeouts>;
  /** Whether the client connects to a Unix socket. */
  overSocket: boolean;
  /** Whether the client has a certificate. */
  hasCertificate: boolean;
}

interface Situation extends ReportOptions {
  origin: string;
  /** Whether the client has got an answer before. */
  wasAnswered(): boolean;
}

/** The progress of a request. */
export type Progress = 'connecting' | 'sent' | 'answered';

/** The largest number of interim answers (RFC 9110 §15.2). Each restarts the wait for the answer. */
const MOST_INTERIM = 20;

/** Counts the interim answers of one request. Returns an error if there are too many. */
export function createInterimLimit(origin: string | URL | undefined): () => ClientError | undefined {
  let count = 0;
  return () => {
    count += 1;
    if (count <= MOST_INTERIM) return undefined;
    return new ClientError(
      'protocol',
      `${origin} sends interim answers again and again, but no final answer: see its log`,
    );
  };
}

/** Turns errors into `ClientError`, except those of the caller. */
export interface Explain {
  error(error: Error, progress: Progress, origin: string | URL | undefined): Error;
  /** After an answer, it is known that the server accepts the client's certificate. */
  answered(): void;
}

/** For all requests over the same connections. */
export function explainErrors(reportOptions: ReportOptions): Explain {
  let answered = false;
  const wasAnswered = () => answered;
  return {
    answered() {
      answered = true;
    },
    error(error, progress, origin) {
      const situation = { ...reportOptions, wasAnswered, origin: String(origin) };
      return explanations[progress](error, situation);
    },
  };
}

const explanations: Readonly<Record<Progress, (error: Error, situation: Situation) => Error>> = {
  connecting: whileConnecting,
  sent: beforeAnswer,
  answered: afterConnecting,
};

/** An undici interceptor that turns every failure into a `ClientError`, except errors of the caller. */
export function reportErrors(reportOptions: ReportOptions): Dispatcher.DispatcherComposeInterceptor {
  const explain = explainErrors(reportOptions);
  return (dispatch) => (options, handler) =>
    dispatch(options, createReporter(handler, explain, options.origin));
}

function createReporter(
  handler: Dispatcher.DispatchHandler,
  explain: Explain,
  origin: string | URL | undefined,
): Dispatcher.DispatchHandler {
  let progress: Progress = 'connecting';
  const oneMore = createInterimLimit(origin);
  return {
    onRequestStart(controller, context) {
      progress = 'sent';
      handler.onRequestStart?.(controller, context);
    },
    onResponseStart(...response) {
      const [controller, status] = response;
      const tooMany = status < 200 ? oneMore() : undefined;
      if (tooMany !== undefined) return controller.abort(tooMany);
      progress = 'answered';
      explain.answered();
      handler.onResponseStart?.(...response);
    },
    onResponseData: (...data) => handler.onResponseData?.(...data),
    onResponseEnd: (...end) => handler.onResponseEnd?.(...end),
    onResponseError: (controller, error) =>
      handler.onResponseError?.(controller, explain.error(error, progress, origin)),
  };
}

const misuse = new Set(['UND_ERR_ABORTED', 'UND_ERR_CLOSED', 'UND_ERR_DESTROYED', 'UND_ERR_INVALID_ARG']);

function whileConnecting(error: Error, situation: Situation): Error {
  if (error instanceof ClientError) return error; // of our own connector
  const { origin, timeouts } = situation;
  const code = codeOf(error);
  if (code === 'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH') {
    return new TypeError('the content has another length than its field content-length', { cause: error });
  }
  if (code === undefined || misuse.has(code)) return error;
  if (code === 'UND_ERR_CONNECT_TIMEOUT' || code === 'ETIMEDOUT') {
    const message = `no connection to ${origin} within ${timeouts.connectSeconds} s: check the address, or wait longer`;
    return new ClientError('timeout', message, { cause: error });
  }
  const refused = certificateRefused(error, origin);
  if (refused !== undefined) return refused;
  const distrust = distrustOf(error, certificatesOf(chainIn(error)));
  if (distrust !== undefined) {
    const { reason, what, fix } = distrust;
    const message = `the certificate of ${origin} is not trusted, ${what}: ${fix}`;
    return new ClientError('tls_trust', message, { cause: error, tls: { reason, fix } });
  }
  // In TLS 1.2 the server checks the certificate during the handshake (RFC 5246 §7.3).
  if (/^(?:ECONNRESET|EPIPE)$/.test(code) && mayBeRefused(situation)) return probablyRefused(error, origin);
  const handshake = handshakeRefusal(code);
  const message = `cannot connect to ${origin}: ${handshake?.text ?? connectReason(code)}`;
  const tls = handshake && { reason: handshake.reason, fix: handshake.text };
  return new ClientError('connect', message, { cause: error, tls });
}

/** Our connector records the chain that the server sent. */
function chainIn(error: Error): readonly string[] {
  return 'chain' in error && Array.isArray(error.chain) ? error.chain : [];
}

/**
 * A TLS server closes a connection that begins with plain HTTP. Many servers, such as Node's, also close a
 * connection without an alert if they do not accept the client certificate.
 */
function beforeAnswer(error: Error, situation: Situation): Error {
  const reported = afterConnecting(error, situation);
  const { origin, overSocket } = situation;
  if (overSocket || !(reported instanceof ClientError) || reported.code !== 'disconnected') return reported;
  if (origin.startsWith('https:')) return mayBeRefused(situation) ? probablyRefused(error, origin) : reported;
  const message = `${origin} closed the connection without an answer: did you mean https://? If not, see its log`;
  return new ClientError(reported.code, message, { cause: error });
}

/** If the server has answered before, it accepts the certificate. */
function mayBeRefused({ origin, hasCertificate, wasAnswered }: Situation): boolean {
  return hasCertificate && origin.startsWith('https:') && !wasAnswered();
}

function probablyRefused(error: Error, origin: string): ClientError {
  const reason = `${origin} closed the connection after it received the client certificate, which it probably does not accept`;
  const advice =
    "check that it was issued for clients, has not expired and is not revoked, or see the server's log";
  return new ClientError('client_certificate', `${reason}: ${advice}`, { cause: error });
}

function afterConnecting(error: Error, { origin, timeouts }: Situation): Error {
  const code = codeOf(error);
  const refused = certificateRefused(error, origin);
  if (refused !== undefined) return refused;
  if (code === 'UND_ERR_HEADERS_TIMEOUT') {
    const message = `${origin} did not answer within ${timeouts.headersSeconds} s: wait longer, or check the server`;
    return new ClientError('timeout', message, { cause: error });
  }
  if (code === 'UND_ERR_BODY_TIMEOUT') {
    const message = `${origin} stopped sending for ${timeouts.bodySeconds} s in its answer: wait longer, or try again`;
    return new ClientError('timeout', message, { cause: error });
  }
  if (code !== undefined && isDisconnection(code)) {
    const message = `${origin} closed the connection before its answer was complete: try again, or see its log`;
    return new ClientError('disconnected', message, { cause: error });
  }
  if (error instanceof errors.HeadersOverflowError || code === 'HPE_HEADER_OVERFLOW') {
    const message = `the header of the answer of ${origin} is larger than this client accepts: raise limits.headerBytes if you trust the server`;
    return new ClientError('limit', message, { cause: error });
  }
  if (isBrokenAnswer(error)) {
    const message = `${origin} answered with something that is not valid HTTP: check that the address is right`;
    return new ClientError('protocol', message, { cause: error });
  }
  return error;
}

/** `UND_ERR_INFO`: an HTTP/2 server ends the connection (RFC 9113 §6.8), or resets a stream (§6.4). */
function isDisconnection(code: string): boolean {
  const codes = ['UND_ERR_SOCKET', 'UND_ERR_INFO', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT'];
  return codes.includes(code) || code.startsWith('ERR_HTTP2_');
}

/**
 * The server's alert about the client certificate. In TLS 1.3 it comes after the client's handshake (RFC 8446
 * §4.4.2.4).
 */
function certificateRefused(error: Error, origin: string): ClientError | undefined {
  const alert = /_ALERT_(UNKNOWN_CA|(?:BAD|UNSUPPORTED)_CERTIFICATE|CERTIFICATE_\w+)$/.exec(
    codeOf(error) ?? '',
  );
  if (alert === null) return undefined;
  const message =
    alert[1] === 'CERTIFICATE_REQUIRED'
      ? `${origin} requires a client certificate: give one with its key`
      : `${origin} does not accept the client certificate (${alert[1]}): get one that was issued for it, or renew it`;
  return new ClientError('client_certificate', message, { cause: error });
}

function codeOf(error: Error): string | undefined {
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

function isBrokenAnswer(error: Error): boolean {
  return (
    error instanceof errors.HTTPParserError ||
    error instanceof errors.ResponseContentLengthMismatchError ||
    codeOf(error) === 'ERR_ASSERTION' // of undici, for an upgrade that was not asked for
  );
}

function connectReason(code: string): string {
  return connectReasons[code] ?? `${code}; check the address and the network`;
}

const connectReasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there; check the port, or start the server',
  ECONNRESET: 'the connection was closed during the handshake; check that the port supports this protocol',
  ENOTFOUND: 'the name does not resolve; check its spelling',
  EAI_AGAIN: 'the name cannot be resolved now; check the network',
  ENOENT: 'the socket does not exist; start the server',
  EACCES: 'this user may not open it; ask its owner',
};

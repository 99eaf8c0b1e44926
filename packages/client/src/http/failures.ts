// Turns the errors of the network into the typed errors of a client.

import { ClientError } from '../errors.ts';
import {
  AbortedError,
  AuthError,
  ConnectError,
  DnsError,
  type Failure,
  LimitError,
  type Phase,
  ProxyError,
  RequestError,
  SignatureError,
  TimeoutError,
  TlsError,
  type TlsReason,
} from './errors.ts';
import type { HttpRequest } from './middleware.ts';
import type { Now } from './now.ts';

/** The facts about a request that fails in this phase. */
export function failureOf(request: HttpRequest, now: Now, phase: Phase, retryable = false): Failure {
  return { phase, attempt: request.attempt, timings: { elapsedMs: now() - request.startedAt }, retryable };
}

/** The typed error for an error that sending `request` or reading its answer throws. */
export function typedError(error: unknown, request: HttpRequest, now: Now): unknown {
  if (error instanceof RequestError) return error;
  const { signal } = request;
  if (signal.aborted && !(signal.reason instanceof ClientError)) return aborted(signal.reason, request, now);
  if (!(error instanceof ClientError)) return error;
  const make = byCode[error.code];
  return make(error, (phase, retryable) => failureOf(request, now, phase, retryable));
}

function aborted(reason: unknown, request: HttpRequest, now: Now): Error {
  const failure = failureOf(request, now, 'request');
  return new AbortedError('the caller ended the request', failure, { cause: reason });
}

type Fail = (phase: Phase, retryable?: boolean) => Failure;
type Make = (error: ClientError, fail: Fail) => RequestError;

const auth: Make = (error, fail) => new AuthError(error.code, error.message, fail('request'), error);

const byCode: Readonly<Record<ClientError['code'], Make>> = {
  connect: connectError,
  timeout: (error, fail) =>
    new TimeoutError(error.code, error.message, fail(timeoutPhase(error), true), error),
  tls_trust: (error, fail) => tlsError(error, fail, 'invalid_chain'),
  pin: (error, fail) => tlsError(error, fail, 'pin_mismatch'),
  channel_trust: (error, fail) => tlsError(error, fail, 'invalid_chain'),
  client_certificate: (error, fail) => tlsError(error, fail, 'client_certificate'),
  disconnected: (error, fail) => new ConnectError(error.code, error.message, fail('response', true), error),
  protocol: (error, fail) => new ConnectError(error.code, error.message, fail('response'), error),
  proxy: (error, fail) => new ProxyError(error.message, fail('proxy'), proxyAnswer(error)),
  signature: (error, fail) =>
    new SignatureError(error.message, fail('response'), { reason: 'signature_invalid', cause: error }),
  limit: (error, fail) => new LimitError(error.code, error.message, fail('body'), error),
  plaintext_redirect: (error, fail) => new LimitError(error.code, error.message, fail('response'), error),
  forbidden_address: (error, fail) => new ConnectError(error.code, error.message, fail('connect'), error),
  seal_trust: auth,
  seal_broken: (error, fail) => new ConnectError(error.code, error.message, fail('response'), error),
  http: auth,
  auth,
  identity_plaintext: auth,
  identity_origin: auth,
  aborted: (error, fail) => new AbortedError(error.message, fail('request'), error),
};

function connectError(error: ClientError, fail: Fail): RequestError {
  const code = causeCode(error);
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return new DnsError(error.code, error.message, fail('dns', code === 'EAI_AGAIN'), error);
  }
  if (error.tls !== undefined) return tlsError(error, fail, 'handshake');
  return new ConnectError(error.code, error.message, fail('connect', true), error);
}

/** `reason` is for an error without its own. */
function tlsError(error: ClientError, fail: Fail, reason: TlsReason): TlsError {
  const [, fix = error.message] = /: ([^:]+)$/.exec(error.message) ?? [];
  return new TlsError(error.code, error.message, fail('tls'), {
    ...(error.tls ?? { reason, fix }),
    chain: chainOf(error.cause),
    cause: error.cause,
  });
}

function timeoutPhase(error: ClientError): Phase {
  return timeoutPhases[causeCode(error)] ?? 'connect';
}

const timeoutPhases: Readonly<Record<string, Phase>> = {
  TOTAL: 'total',
  UND_ERR_HEADERS_TIMEOUT: 'response',
  UND_ERR_BODY_TIMEOUT: 'body',
};

function proxyAnswer({ cause }: ClientError): { status?: number | undefined; cause?: unknown } {
  const status = cause instanceof Error && 'status' in cause ? Number(cause.status) : undefined;
  return { status, cause };
}

function causeCode({ cause }: ClientError): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : '';
}

function chainOf(cause: unknown): readonly string[] {
  return cause instanceof Error && 'chain' in cause && Array.isArray(cause.chain) ? cause.chain : [];
}

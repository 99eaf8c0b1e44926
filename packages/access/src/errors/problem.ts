// Problem details for HTTP APIs (RFC 9457). A 5xx never shows its cause: the log has it under the request id.
import type { ErrorCode } from './errors.ts';
import { GatehouseError } from './errors.ts';

/** The body of an answer that refuses a request. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail?: string;
  code: ErrorCode;
  request_id: string;
  /** With a 405: the offered methods, as in the field Allow. */
  allow?: readonly string[];
}

/**
 * The media type of a `Problem` in JSON (RFC 9457 §3).
 * @example
 * response.setHeader('content-type', PROBLEM_MEDIA_TYPE);
 */
export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

/**
 * The part of `error` for the client. An unexpected error becomes a plain 500.
 * @example
 * const { status, code } = problemFrom(error, requestId);
 */
export function problemFrom(error: unknown, requestId: string): Problem {
  const known = error instanceof GatehouseError ? error : new GatehouseError('internal', '');
  const problem: Problem = {
    type: known.type,
    title: known.title,
    status: known.status,
    code: known.code,
    request_id: requestId,
  };
  if (known.status < 500) problem.detail = known.message;
  if (known.allow) problem.allow = known.allow;
  return problem;
}

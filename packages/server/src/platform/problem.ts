// Problem details for HTTP APIs (RFC 9457). A 5xx never shows its cause: the log has it under the request id.
import { GatehouseError } from './errors.ts';

export interface Problem {
  type: string;
  title: string;
  status: number;
  detail?: string;
  code: string;
  request_id: string;
  /** The methods that are offered, with a 405; the field Allow has them as well. */
  allow?: readonly string[];
}

export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

/** What the client may know of `error`; anything unexpected becomes a plain 500. */
export function problemFrom(error: unknown, requestId: string): Problem {
  const known = error instanceof GatehouseError ? error : new GatehouseError('internal', '');
  const problem: Problem = {
    type: `urn:gatehouse:problem:${known.code}`,
    title: known.title,
    status: known.status,
    code: known.code,
    request_id: requestId,
  };
  if (known.status < 500) problem.detail = known.message;
  if (known.allow) problem.allow = known.allow;
  return problem;
}

/** The challenge of RFC 9110 §11.6.1 that goes with every 401. */
export function challengeFor(problem: Problem): string {
  const error = problem.code === 'unauthenticated' ? '' : ', error="invalid_token"';
  return `Bearer realm="gatehouse"${error}, ApiKey realm="gatehouse"`;
}

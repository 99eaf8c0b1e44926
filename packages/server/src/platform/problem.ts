// Problem details for HTTP APIs (RFC 9457). A 5xx never shows its cause: the log has it under the request id.
import { GatehouseError } from './errors.ts';
import type { AuthenticationMethod } from './principal.ts';

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

const HEADER_WAYS: readonly AuthenticationMethod[] = ['bearer', 'apiKey'];
// Failures that say nothing of a token (RFC 6750 §3.1).
const NO_TOKEN = new Set(['unauthenticated', 'client_certificate_invalid']);

/**
 * The challenge of RFC 9110 §11.6.1 that goes with every 401, for the ways in that do at this place. TLS has none in HTTP; where
 * nothing else would do, the name of the draft for it stands there, for a 401 must have one.
 */
export function challengeFor({ code }: Problem, accept = HEADER_WAYS): string {
  const error = NO_TOKEN.has(code) ? '' : ', error="invalid_token"';
  const challenges = accept.flatMap((way) => {
    if (way === 'bearer') return [`Bearer realm="gatehouse"${error}`];
    return way === 'apiKey' ? ['ApiKey realm="gatehouse"'] : [];
  });
  return challenges.join(', ') || 'ClientCertificate realm="gatehouse"';
}

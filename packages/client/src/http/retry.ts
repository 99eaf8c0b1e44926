// Retries idempotent requests (RFC 9110 §9.2.2) after temporary errors and some statuses. Waits longer each
// time, with jitter, or as long as Retry-After says. Returns the last answer unchanged.
import { RequestError } from './errors.ts';
import { parseHttpDate } from './http-date.ts';
import { atStage, type HttpRequest, type Middleware } from './middleware.ts';
import { discard, fieldOf } from './response.ts';

/** A missing member has its default. */
export interface RetryOptions {
  /** The number of tries, with the first one. Default: 3. */
  attempts?: number;
  /** The wait before the second try. It doubles each time. Default: 0.2. */
  baseSeconds?: number;
  /** The longest wait. A longer Retry-After ends the tries. Default: 30. */
  maxSeconds?: number;
  /** Default: GET, HEAD, OPTIONS, TRACE, PUT and DELETE. */
  methods?: readonly string[];
  /** Default: 408, 429, 500, 502, 503 and 504. */
  statuses?: readonly number[];
}

/** What `retry` needs. Tests hand in their own. */
export interface RetryTools {
  random(): number;
  /** Milliseconds since 1970, for dates in Retry-After. */
  date(): number;
  wait(ms: number, signal: AbortSignal): Promise<unknown>;
}

const IDEMPOTENT = ['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE'];
const PASSING = [408, 429, 500, 502, 503, 504];

const ownTools: RetryTools = {
  random: Math.random,
  date: Date.now,
  wait,
};

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', abort);
      resolve();
    }, ms);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
}

/**
 * Retries idempotent requests, if their content can be sent again.
 * @example
 * const patient = client().with(retry({ attempts: 5 }));
 */
export function retry(options: RetryOptions = {}, tools: RetryTools = ownTools): Middleware {
  const { attempts = 3, methods = IDEMPOTENT, statuses = PASSING } = options;
  return atStage('retry', async (request, next) => {
    if (!methods.includes(request.method) || !request.replayable) return next(request);
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await tryOnce(attempt === 1 ? request : { ...request, attempt }, next);
      const wait = attempt < attempts ? pause(outcome, attempt, { ...options, statuses }, tools) : undefined;
      if (wait === undefined) return settle(outcome);
      if (outcome.response !== undefined) await discard(outcome.response);
      await tools.wait(wait, request.signal).catch((error) => {
        throw request.signal.aborted ? request.signal.reason : error;
      });
    }
  });
}

interface Outcome {
  response?: Response;
  error?: unknown;
}

async function tryOnce(
  request: HttpRequest,
  next: (request: HttpRequest) => Promise<Response>,
): Promise<Outcome> {
  try {
    return { response: await next(request) };
  } catch (error) {
    return { error };
  }
}

function settle({ response, error }: Outcome): Response {
  if (response === undefined) throw error;
  return response;
}

/** Milliseconds until the next try, or undefined for none. */
function pause(
  { response, error }: Outcome,
  attempt: number,
  { baseSeconds = 0.2, maxSeconds = 30, statuses }: RetryOptions & { statuses: readonly number[] },
  { random, date }: RetryTools,
): number | undefined {
  const passes = response === undefined ? isRetryable(error) : statuses.includes(response.status);
  if (!passes) return undefined;
  const asked = retryAfterMs(response === undefined ? null : fieldOf(response, 'retry-after'), date());
  if (asked !== undefined) return asked <= maxSeconds * 1000 ? asked : undefined;
  const most = Math.min(baseSeconds * 2 ** (attempt - 1), maxSeconds) * 1000;
  return most / 2 + (random() * most) / 2;
}

function isRetryable(error: unknown): boolean {
  return error instanceof RequestError && error.retryable;
}

/** RFC 9110 §10.2.3: seconds, or a date. */
function retryAfterMs(field: string | null, now: number): number | undefined {
  if (field === null) return undefined;
  if (/^\d+$/.test(field)) return Number(field) * 1000;
  const date = parseHttpDate(field, now);
  return date === undefined ? undefined : Math.max(0, date - now);
}

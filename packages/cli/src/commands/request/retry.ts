// `--retry`: sends an idempotent request again (RFC 9110 §9.2.2) after temporary failures. Waits longer each
// time, with jitter, or as long as Retry-After says.
import { setTimeout as sleep } from 'node:timers/promises';
import { ClientError } from '@gatehouse/client/errors';
import type { ClientResponse } from '@gatehouse/client/request';

/** What a retry needs; tests hand in their own. */
export interface RetryTools {
  wait(milliseconds: number): Promise<unknown>;
  random(): number;
  /** Milliseconds since 1970. */
  now(): number;
  /** Called before each wait. */
  report(reason: string, milliseconds: number): void;
}

export const retryTools = (report: RetryTools['report']): RetryTools => ({
  wait: sleep,
  random: Math.random,
  now: Date.now,
  report,
});

const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);
const PASSING = new Set([408, 429, 500, 502, 503, 504]);
const PASSING_ERRORS = new Set(['connect', 'timeout', 'disconnected']);
const BASE_MS = 200;
const LONGEST_MS = 30_000;

/** Whether a request may be sent more than once. */
export function isRepeatable(method: string): boolean {
  return IDEMPOTENT.has(method);
}

/** The answer or the error of the last try. `retries` is the number of tries after the first. */
export async function withRetries(
  send: () => Promise<ClientResponse>,
  retries: number,
  tools: RetryTools,
): Promise<ClientResponse> {
  for (let retry = 0; ; retry += 1) {
    const outcome = await send().then(
      (response) => ({ response }),
      (error: unknown) => ({ error }),
    );
    const pause = retry < retries ? pauseAfter(outcome, retry, tools) : undefined;
    if (pause === undefined) {
      if ('error' in outcome) throw outcome.error;
      return outcome.response;
    }
    if ('response' in outcome) discard(outcome.response);
    tools.report(reasonOf(outcome), pause);
    await tools.wait(pause);
  }
}

/** A destroyed body emits an error. */
function discard({ body }: ClientResponse): void {
  body.on('error', () => {});
  body.destroy();
}

type Outcome = { response: ClientResponse } | { error: unknown };

/** Milliseconds; undefined if another try makes no sense. */
function pauseAfter(outcome: Outcome, retry: number, { random, now }: RetryTools): number | undefined {
  if ('error' in outcome) {
    const { error } = outcome;
    // A failed handshake would fail again.
    const passes = error instanceof ClientError && PASSING_ERRORS.has(error.code) && error.tls === undefined;
    if (!passes) return undefined;
  } else if (!PASSING.has(outcome.response.status)) return undefined;
  const asked = 'response' in outcome ? retryAfter(outcome.response, now()) : undefined;
  if (asked !== undefined) return asked <= LONGEST_MS ? asked : undefined;
  const most = Math.min(BASE_MS * 2 ** retry, LONGEST_MS);
  return most / 2 + (random() * most) / 2;
}

/** RFC 9110 §10.2.3: seconds, or a date. */
function retryAfter({ headers }: ClientResponse, now: number): number | undefined {
  const [field] = [headers['retry-after'] ?? []].flat();
  if (field === undefined) return undefined;
  if (/^\d+$/.test(field)) return Number(field) * 1000;
  const date = Date.parse(field);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

function reasonOf(outcome: Outcome): string {
  if ('response' in outcome) return `HTTP ${outcome.response.status}`;
  return outcome.error instanceof Error ? outcome.error.message : String(outcome.error);
}

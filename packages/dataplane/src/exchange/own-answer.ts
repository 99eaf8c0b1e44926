// Answers of the gateway itself: answers that need no upstream, and refusals.
import type { EventLog, Problem } from '@gatehouse/access';
import { problemFrom } from '@gatehouse/access';
import type { FieldList } from '../http1/messages.ts';
import { reasonPhrase } from '../http1/writer.ts';
import type { AdmissionState, LocalAnswer } from './admission.ts';
import type { AnswerHead } from './client-stream.ts';
import { problemAnswer } from './problem-answer.ts';
import { failureReason } from './reasons.ts';

export interface OwnAnswer {
  head: AnswerHead;
  /** Undefined: no octets follow. */
  octets: Uint8Array | undefined;
}

/** An answer that needs no upstream, such as that to a CORS preflight. */
export function localAnswer({ request, requestId }: AdmissionState, answer: LocalAnswer): OwnAnswer {
  const { status, body = '' } = answer;
  const fields = [...answer.fields, 'X-Request-Id', requestId];
  const octets = typeof body === 'string' ? Buffer.from(body, 'utf8') : body;
  // RFC 9110 §8.6: no Content-Length in 204.
  if (status !== 204) fields.push('Content-Length', String(octets.length));
  const hasBody = octets.length > 0 && request.method !== 'HEAD';
  const framing = hasBody ? 'known' : 'none';
  return {
    head: { status, reason: reasonPhrase(status), fields, body: framing, last: false },
    octets: hasBody ? octets : undefined,
  };
}

/**
 * The part of an error for the client. The log gets the reason, and failures that the client did not cause.
 */
export function problemOf(state: AdmissionState, error: unknown, log: EventLog): Problem {
  const { requestId } = state;
  const problem = problemFrom(error, requestId);
  state.reason ??= error instanceof Error ? failureReason(error) : 'unknown';
  if (problem.code === 'internal') log.event('gateway.request_failed', { error, requestId });
  else if (problem.code.startsWith('upstream_')) {
    log.event('gateway.upstream_failed', { reason: state.reason, requestId });
  } else if (problem.status === 503) {
    // The reason of the record may be another one: that of the denial that could not be recorded.
    log.event('gateway.unavailable', { reason: (error as Error).message, requestId });
  }
  return problem;
}

/** A refusal. `challenge`: the fields of a 401 that name the accepted credentials. */
export function refusal(
  state: AdmissionState,
  problem: Problem,
  challenge: FieldList | undefined,
): OwnAnswer {
  const { status, reason, fields, body } = problemAnswer(problem, challenge);
  const { method, isWebSocket, contentLength } = state.request;
  const isHead = method === 'HEAD';
  if (state.answerFields) fields.push(...state.answerFields);
  const last = isWebSocket || contentLength !== 0 || (!state.isChecked && !state.route);
  return {
    head: { status, reason, fields, body: isHead ? 'none' : 'known', last },
    octets: isHead ? undefined : body,
  };
}

// The answer to a request that cannot be read. Only the reason is known, because there is no exchange.
import { GatehouseError, problemFrom } from '@gatehouse/access';
import { malformedRecord } from '../exchange/access-record.ts';
import type { ClientStream } from '../exchange/client-stream.ts';
import { problemAnswer } from '../exchange/problem-answer.ts';
import { Http1Error } from '../http1/errors.ts';
import type { ServerDeps } from './settings.ts';

/** Why a request cannot be read. Throws an error that the reader did not raise. */
export function unreadableRequest(error: Error): GatehouseError {
  if (error instanceof GatehouseError) return error;
  if (!(error instanceof Http1Error)) throw error;
  return new GatehouseError(error.code, error.message);
}

type AnsweringDeps = Pick<ServerDeps, 'requestId' | 'counts' | 'accessLog'>;

/** Answers, counts and logs it. */
export function answerUnreadable(stream: ClientStream, refusal: GatehouseError, deps: AnsweringDeps): void {
  const requestId = deps.requestId();
  const { status, reason, fields, body } = problemAnswer(problemFrom(refusal, requestId));
  stream.answer({ status, reason, fields, body: 'known', last: true });
  stream.write(body);
  stream.flush();
  deps.counts.unreadable(status);
  deps.accessLog?.(malformedRecord(stream.client, { requestId, status, reason: refusal.message }));
}

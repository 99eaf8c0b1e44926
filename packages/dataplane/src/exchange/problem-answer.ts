// Answers of the gateway itself: problems (RFC 9457).
import type { Problem } from '@gatehouse/access';
import { PROBLEM_MEDIA_TYPE } from '@gatehouse/access';
import type { FieldList } from '../http1/messages.ts';
import { reasonPhrase } from '../http1/writer.ts';

export interface ProblemAnswer {
  status: number;
  reason: string;
  fields: FieldList;
  body: Uint8Array;
}

/** `challenge`: the fields of a 401 that name the accepted credentials (RFC 9110 §11.6.1). */
export function problemAnswer(problem: Problem, challenge: FieldList = []): ProblemAnswer {
  const body = Buffer.from(JSON.stringify(problem));
  const fields = [
    'Content-Type',
    PROBLEM_MEDIA_TYPE,
    'Content-Length',
    String(body.length),
    'Cache-Control',
    'no-store',
    'X-Request-Id',
    problem.request_id,
    ...challenge,
  ];
  if (problem.allow) fields.push('Allow', problem.allow.join(', '));
  if (problem.status === 503) fields.push('Retry-After', '1');
  return { status: problem.status, reason: reasonPhrase(problem.status), fields, body };
}

// What an upstream's answer means to us, beyond its syntax.
import type { ResponseHead } from '../http1/messages.ts';
import { asciiPhrase } from '../http1/writer.ts';
import type { UpstreamAnswer } from './call.ts';

const BODILESS = new Set([101, 204, 304]);

/** Throws an Error if there is no such status (RFC 9110 §15). */
export function answerOf({ status, reason, fields, body }: ResponseHead, method: string): UpstreamAnswer {
  if (status > 599) throw new Error(`status ${status}`);
  const isBodiless = method === 'HEAD' || BODILESS.has(status);
  const framing = body.kind === 'length' ? 'known' : 'unknown';
  return {
    status,
    reason: asciiPhrase(reason),
    fields,
    body: isBodiless ? 'none' : framing,
    passed: undefined,
  };
}

// The checks of an upstream's answer beyond its syntax.
import type { ResponseHead } from '../http1/messages.ts';
import { asciiPhrase } from '../http1/writer.ts';
import type { UpstreamAnswer } from './call.ts';

/** The last answer of a connection. A head that repeats the previous one is the same object. */
export class LastAnswer {
  #answer: UpstreamAnswer | undefined;
  #head: ResponseHead | undefined;
  #method = '';

  /** Throws an Error with the reason if the answer must not be passed on. */
  of(head: ResponseHead, method: string): UpstreamAnswer {
    if (this.#answer && this.#head === head && this.#method === method) return this.#answer;
    this.#answer = answerOf(head, method);
    this.#head = head;
    this.#method = method;
    return this.#answer;
  }
}

const BODILESS = new Set([101, 204, 304]);

/** Throws an Error if there is no such status (RFC 9110 §15). */
function answerOf({ status, reason, fields, body }: ResponseHead, method: string): UpstreamAnswer {
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

// Reads octets in parts and records the results of a reader, so that different splits can be compared.
import assert from 'node:assert/strict';
import { Http1Error } from '../../../src/http1/errors.ts';
import type { KnownHeads } from '../../../src/http1/known-heads.ts';
import type {
  FieldList,
  MessageReader,
  ReadLimits,
  RequestHead,
  ResponseHead,
} from '../../../src/http1/messages.ts';
import { createRequestReader } from '../../../src/http1/request-reader.ts';
import type { Question } from '../../../src/http1/response-reader.ts';
import { createResponseReader } from '../../../src/http1/response-reader.ts';

export interface Message<Head> {
  head: Head;
  /** One character for each octet. */
  body: string;
  /** Undefined if the message did not end. */
  trailers: FieldList | undefined;
}

export interface Trace<Head> {
  messages: Message<Head>[];
  /** Status codes of interim responses. */
  interim: number[];
  /** `bad_request: Send host only once.` */
  refusal: string | undefined;
  /** The rest after the last readable message. */
  rest: string;
}

export const LIMITS: ReadLimits = { maxHeadBytes: 1024, maxFields: 20 };

/** All requests in the parts. */
export function traceRequests(
  parts: readonly string[],
  limits = LIMITS,
  known?: KnownHeads<RequestHead>,
): Trace<RequestHead> {
  const trace = emptyTrace<RequestHead>();
  readParts(createRequestReader(limits, eventsOf(trace), known), parts, trace);
  return trace;
}

/** The answer in the parts. `end`: whether the connection ends after them. */
export function traceResponse(
  question: Question,
  parts: readonly string[],
  { end = true, limits = LIMITS } = {},
): Trace<ResponseHead> {
  const trace = emptyTrace<ResponseHead>();
  const information = ({ status }: ResponseHead) => trace.interim.push(status);
  let isDone = false;
  const events = eventsOf(trace, () => {
    isDone = true;
  });
  const reader = createResponseReader(limits, { ...events, information });
  reader.expect(question);
  readParts(reader, parts, trace, () => isDone);
  if (trace.refusal === undefined && end) attempt(trace, () => reader.end());
  return trace;
}

/**
 * The trace of the whole, after a check that all splits into two parts and the split into single octets give
 * the same trace. The first split is at `from`.
 */
export function sameInAllSplits<Head>(
  text: string,
  trace: (parts: string[]) => Trace<Head>,
  from = 1,
): Trace<Head> {
  const whole = trace([text]);
  for (let at = from; at < text.length; at++) {
    assert.deepEqual(trace([text.slice(0, at), text.slice(at)]), whole, `split at ${at}`);
  }
  assert.deepEqual(trace([...text]), whole, 'in single octets');
  return whole;
}

function emptyTrace<Head>(): Trace<Head> {
  return { messages: [], interim: [], refusal: undefined, rest: '' };
}

function eventsOf<Head>(trace: Trace<Head>, completed = () => {}) {
  const last = () => trace.messages.at(-1) as Message<Head>;
  return {
    head: (head: Head) => void trace.messages.push({ head, body: '', trailers: undefined }),
    body: (octets: Uint8Array) => {
      last().body += Buffer.from(octets).toString('latin1');
    },
    complete: (trailers: FieldList) => {
      last().trailers = trailers;
      completed();
    },
  };
}

function readParts<Head>(
  reader: MessageReader,
  parts: readonly string[],
  trace: Trace<Head>,
  isDone = () => false,
): void {
  for (const part of parts) {
    let octets: Uint8Array = Buffer.from(part, 'latin1');
    // A reader must not hold references to octets that it does not own.
    const overwrite = octets;
    while (octets.length > 0 && trace.refusal === undefined && !isDone()) {
      attempt(trace, () => {
        const taken = reader.read(octets);
        assert.ok(taken > 0, 'a reader takes at least one octet');
        octets = octets.subarray(taken);
      });
    }
    if (isDone()) trace.rest += Buffer.from(octets).toString('latin1');
    overwrite.fill(0x58);
  }
}

function attempt<Head>(trace: Trace<Head>, act: () => void): void {
  try {
    act();
  } catch (error) {
    if (!(error instanceof Http1Error)) throw error;
    trace.refusal = `${error.code}: ${error.message}`;
  }
}

// The connections to the upstreams: a small interface, and behind it undici's dispatcher with one connection
// pool for each origin. `pause` and `resume` carry the backpressure. Failures come back as the gateway's own
// errors.
import type { Readable } from 'node:stream';
import { GatehouseError } from '@gatehouse/access';
import type { Dispatcher } from 'undici';
import { Client, errors, Pool } from 'undici';
import type { GatewayTimeouts } from './settings.ts';

export interface UpstreamRequest {
  /** `http://127.0.0.1:3000` */
  origin: string;
  method: string;
  /** Path and query. */
  path: string;
  /** Names and values in turn, without Host. */
  fields: string[];
  body: Readable | null;
}

/**
 * What the caller does with the answer. The functions are called in this order; `failed` replaces those that
 * are missing.
 */
export interface AnswerSink {
  /** Called before the answer comes, with the means to stop and steer it. */
  started(control: AnswerControl): void;
  /** 1xx other than 101. */
  information(status: number, fields: string[]): void;
  head(status: number, statusText: string, fields: string[]): void;
  data(chunk: Buffer): void;
  end(): void;
  failed(error: GatehouseError): void;
}

export interface AnswerControl {
  pause(): void;
  resume(): void;
  abort(): void;
}

export interface UpstreamClient {
  send(request: UpstreamRequest, sink: AnswerSink): void;
  close(): Promise<void>;
}

// Shorter than the usual keep-alive time of servers, so that we do not use a connection that the server is
// closing.
const KEEP_ALIVE_MS = 4000;
const MAX_ANSWER_HEADER_BYTES = 64 * 1024;
// Content has no meaning in other requests (RFC 9110 §9.3), so upstreams would read it as the next request.
const EXPECT_CONTENT = new Set(['POST', 'PUT', 'PATCH']);
// RFC 9112 §4. llhttp accepts control bytes here, but the ServerResponse that repeats the phrase does not.
const REASON_PHRASE = /^[\t\x20-\x7e\u0080-\uffff]*$/;

interface Way {
  through: Dispatcher;
  mayRepeat: boolean;
}

export function createUpstreamClient(timeouts: GatewayTimeouts): UpstreamClient {
  const pools = new Map<string, Pool>();
  const options = {
    connect: { timeout: timeouts.connect * 1000 },
    headersTimeout: timeouts.firstByte * 1000,
    bodyTimeout: timeouts.stall * 1000,
    keepAliveTimeout: KEEP_ALIVE_MS,
    maxHeaderSize: MAX_ANSWER_HEADER_BYTES,
    allowH2: false,
  };

  function poolFor(origin: string): Pool {
    const pool = pools.get(origin) ?? new Pool(origin, options);
    pools.set(origin, pool);
    return pool;
  }

  /** Sends once more, on a new connection: the other idle ones may be as dead as the one before. */
  function repeat(request: UpstreamRequest, sink: AnswerSink): void {
    const client = new Client(request.origin, options);
    dispatch(request, sink, { through: client, mayRepeat: false });
    void client.close();
  }

  function dispatch(request: UpstreamRequest, sink: AnswerSink, how: Way): void {
    let { mayRepeat } = how;
    const { method, path, fields, body } = request;
    const reset = body !== null && !EXPECT_CONTENT.has(method);
    const send = { method: method as Dispatcher.HttpMethod, path, headers: fields, body, reset };
    how.through.dispatch(send, {
      onRequestStart(controller) {
        sink.started({
          pause: () => controller.pause(),
          resume: () => controller.resume(),
          abort: () => controller.abort(new Error('the client has gone')),
        });
      },
      onResponseStart(controller, status, _headers, statusText = '') {
        mayRepeat = false;
        const raw = textFields(controller.rawHeaders);
        const flaw = answerFlaw(statusText, raw);
        if (flaw) controller.abort(flaw);
        else if (status < 200) sink.information(status, raw);
        else sink.head(status, asciiPhrase(statusText), raw);
      },
      onResponseData: (_controller, chunk) => sink.data(chunk),
      onResponseEnd: () => sink.end(),
      onResponseError(_controller, error) {
        if (mayRepeat && lostConnection(error)) repeat(request, sink);
        else sink.failed(upstreamError(error));
      },
    });
  }

  return {
    send(request, sink) {
      // An idle connection may close just when it is used. RFC 9110 §9.2.2 allows sending a safe request
      // again.
      const safe = request.body === null && ['GET', 'HEAD', 'OPTIONS'].includes(request.method);
      dispatch(request, sink, { through: poolFor(request.origin), mayRepeat: safe });
    },
    async close() {
      await Promise.all([...pools.values()].map((pool) => pool.destroy()));
    },
  };
}

/** Why an answer must not be passed on although the parser accepted it. */
export function answerFlaw(statusText: string, fields: readonly string[]): Error | undefined {
  if (!REASON_PHRASE.test(statusText)) return new Error('control bytes in the reason phrase');
  let codings = 0;
  for (let index = 0; index < fields.length; index += 2) {
    if (fields[index]?.toLowerCase() !== 'transfer-encoding') continue;
    codings += 1;
    // Only the framing is undone, so the client would get the body as if it had no other coding (RFC 9112
    // §6.1).
    if (codings > 1 || fields[index + 1]?.toLowerCase() !== 'chunked')
      return new Error('a transfer coding other than chunked');
  }
  return undefined;
}

/** The reason phrase as clients get it. */
export function asciiPhrase(statusText: string): string {
  return statusText.replaceAll(/[^\t\x20-\x7e]/g, '?');
}

function textFields(raw: Dispatcher.DispatchController['rawHeaders']): string[] {
  if (!Array.isArray(raw)) return [];
  return raw.map((item) => (typeof item === 'string' ? item : item.toString('latin1')));
}

function lostConnection(error: Error): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return error instanceof errors.SocketError || code === 'ECONNRESET' || code === 'EPIPE';
}

/** Throws nothing. Names what failed, with the cause for the log. */
export function upstreamError(error: Error): GatehouseError {
  if (error instanceof GatehouseError) return error;
  const timedOut =
    error instanceof errors.ConnectTimeoutError ||
    error instanceof errors.HeadersTimeoutError ||
    error instanceof errors.BodyTimeoutError;
  if (timedOut)
    return new GatehouseError('upstream_timeout', 'The upstream took too long.', { cause: error });
  return new GatehouseError('upstream_failed', 'The upstream failed.', { cause: error });
}

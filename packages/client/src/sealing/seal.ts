// Sealed requests (Oblivious HTTP, RFC 9458): only the gateway can read the request, and only this client the
// answer. Proxies that end TLS see a POST to one path, its time, and its approximate length.

import { Readable } from 'node:stream';
import type { ChunkedRequest } from '@gatehouse/protocol';
import {
  beginBinaryRequest,
  beginChunkedRequest,
  binaryContent,
  CHUNKED_REQUEST_MEDIA_TYPE,
  CHUNKED_RESPONSE_MEDIA_TYPE,
  endBinaryMessage,
  MAX_CHUNK,
  padMessage,
  REQUEST_MEDIA_TYPE,
  RESPONSE_MEDIA_TYPE,
  SEALED_REQUESTS_PATH,
  sealRequest,
  writeBinaryRequest,
} from '@gatehouse/protocol';
import { ClientError } from '../errors.ts';
import { parseHttpDate } from '../http/http-date.ts';
import { atStage, type HttpRequest, type Middleware, type Next } from '../http/middleware.ts';
import { discard } from '../http/response.ts';
import { openChunked, openWhole } from './answers.ts';
import { broken } from './errors.ts';
import { createGatewayKeys, type SealTarget } from './gateway-keys.ts';
import { innerHead } from './inner-message.ts';
import type { SealSigner, SealTrust } from './signer.ts';

export type { SealSigner, SealTrust } from './signer.ts';

/** How requests are sealed. */
export interface SealOptions extends SealTrust {
  /** Where requests go. Default: the origin of each request. */
  gateway?: string | URL;
  /**
   * Seal in chunks: for answers that come slowly or are large. Default: if the content is a stream or large.
   */
  chunked?: boolean;
  /** The signer and epoch last seen of the gateway: older keys and other signers are refused. */
  seen?: SealSigner;
  /**
   * Called with the signer of fetched keys, before anything is sealed. If it throws or rejects, nothing is
   * sent.
   */
  onSigner?(signer: SealSigner): unknown;
  /** Milliseconds since the epoch. Default: the clock of the machine. */
  now?(): number;
}

const LARGEST_WHOLE = 1024 ** 2;
const KEY_PROBLEM = 'https://iana.org/assignments/http-problem-types#ohttp-key';
const DATE_PROBLEM = 'https://iana.org/assignments/http-problem-types#date';

/**
 * Seals requests, so that only the gateway can read them, and opens the answers. Refuses keys that are not
 * signed, have expired, or are older than those seen before.
 * @example
 * const sealed = client().with(trust({ ca }), seal({ ca }));
 * const notes = await sealed.get('https://gw.example/notes').json();
 */
export function seal(options: SealOptions = {}): Middleware {
  const { now = Date.now } = options;
  const fixed = options.gateway === undefined ? undefined : new URL(options.gateway);
  const seen = new Map<string, SealSigner>();
  if (options.seen && fixed) seen.set(fixed.origin, options.seen);
  const keys = createGatewayKeys({ trust: options, now, seen, onSigner: options.onSigner });
  /** How far the clock of the gateway is ahead of ours. */
  let aheadMs = 0;

  async function attempt(request: HttpRequest, next: Next): Promise<Outcome> {
    const gateway = fixed ?? new URL(request.url.origin);
    if (options.seen && !fixed && !seen.has(gateway.origin)) seen.set(gateway.origin, options.seen);
    const target = await keys.of(gateway, request, next);
    const head = innerHead(request, now() + aheadMs);
    const send = isChunked(request, options.chunked) ? sendChunked : sendWhole;
    const outcome = await send({ request, head, target, gateway, next });
    if (outcome.problem === 'key') keys.forget(gateway);
    if (outcome.problem === 'date') aheadMs = timeOf(outcome.response, now()) - now();
    return outcome;
  }

  return atStage('sealing', async (request, next) => {
    if (request.url.protocol !== 'https:') {
      throw new ClientError('identity_plaintext', 'sealed requests need https://: change the URL');
    }
    const first = await attempt(request, next);
    const outcome = first.problem && request.replayable ? await attempt(request, next) : first;
    if (outcome.problem === 'key') throw broken('the gateway does not know its own key: try again later');
    return outcome.response;
  });
}

interface Sending {
  request: HttpRequest;
  head: ReturnType<typeof innerHead>;
  target: SealTarget;
  gateway: URL;
  next: Next;
}

interface Outcome {
  response: Response;
  /** The gateway refused the key or the time. The same request may work with the new key or time. */
  problem: 'key' | 'date' | undefined;
}

function isChunked({ content, headers }: HttpRequest, wanted: boolean | undefined): boolean {
  if (wanted !== undefined) return wanted || typeof content === 'function';
  if (typeof content === 'function' || headers.get('accept')?.includes('text/event-stream')) return true;
  return (content?.length ?? 0) > LARGEST_WHOLE;
}

async function sendWhole({ request, head, target, gateway, next }: Sending): Promise<Outcome> {
  const content = octetsOf(request.content as string | Uint8Array | null);
  const sealed = await sealRequest(target, padMessage(writeBinaryRequest(head, content)));
  const response = await next(outerRequest(request, gateway, REQUEST_MEDIA_TYPE, sealed.message));
  return outcomeOf(response, RESPONSE_MEDIA_TYPE, () => openWhole(response, sealed, request));
}

async function sendChunked({ request, head, target, gateway, next }: Sending): Promise<Outcome> {
  const sealed = await beginChunkedRequest(target);
  const body = () => Readable.from(chunksOf(sealed, { request, head }));
  const response = await next(outerRequest(request, gateway, CHUNKED_REQUEST_MEDIA_TYPE, body));
  return outcomeOf(response, CHUNKED_RESPONSE_MEDIA_TYPE, () => openChunked(response, sealed, request));
}

async function* chunksOf(sealed: ChunkedRequest, { request, head }: Pick<Sending, 'request' | 'head'>) {
  const { content } = request;
  yield Buffer.concat([sealed.head, await sealed.chunk(beginBinaryRequest(head))]);
  const parts = typeof content === 'function' ? content() : [octetsOf(content)];
  for await (const part of parts) {
    const octets = typeof part === 'string' ? Buffer.from(part) : (part as Uint8Array);
    // The chunk must also have room for its length.
    for (let at = 0; at < octets.length; at += MAX_CHUNK - 8) {
      yield await sealed.chunk(binaryContent(octets.subarray(at, at + MAX_CHUNK - 8)));
    }
  }
  yield await sealed.finish(endBinaryMessage());
}

/** The outer request shows nothing of the inner one. */
function outerRequest(
  request: HttpRequest,
  gateway: URL,
  type: string,
  content: HttpRequest['content'],
): HttpRequest {
  const url = new URL(SEALED_REQUESTS_PATH, gateway);
  const headers = new Headers({ 'content-type': type });
  if (typeof content === 'function') headers.set('incremental', '?1');
  return { ...request, method: 'POST', url, first: url, headers, content, secrets: [] };
}

async function outcomeOf(response: Response, type: string, open: () => Promise<Response>): Promise<Outcome> {
  if (response.status === 200 && response.headers.get('content-type') === type) {
    const inner = await open();
    const isDate = inner.status === 400 && (await problemType(inner.clone())) === DATE_PROBLEM;
    return { response: inner, problem: isDate ? 'date' : undefined };
  }
  if (response.status === 400 && (await problemType(response)) === KEY_PROBLEM) {
    return { response, problem: 'key' };
  }
  await discard(response);
  // Anyone between client and gateway can send such an answer, so it is not trusted.
  throw broken(`it came without encryption, with status ${response.status}`);
}

async function problemType(response: Response): Promise<unknown> {
  if (!response.headers.get('content-type')?.startsWith('application/problem+json')) return undefined;
  const problem: unknown = await response.json().catch(() => undefined);
  return typeof problem === 'object' && problem !== null && 'type' in problem ? problem.type : undefined;
}

function timeOf(response: Response, otherwise: number): number {
  return parseHttpDate(response.headers.get('date')) ?? otherwise;
}

function octetsOf(content: string | Uint8Array | null): Uint8Array {
  return typeof content === 'string' ? Buffer.from(content) : (content ?? new Uint8Array(0));
}

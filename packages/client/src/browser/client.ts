// The client in a browser: the same functions and the same middleware, over `fetch` of the browser. The
// browser itself follows redirects, decompresses, caches and stores cookies.
import type { Fields } from '../http/content.ts';
import { createDeadlines, type Deadline, type StartDeadline } from '../http/deadline.ts';
import { failureOf, typedError } from '../http/failures.ts';
import { FieldList } from '../http/field-list.ts';
import { defaultLimits } from '../http/limits.ts';
import { type Methods, methodsOf } from '../http/methods.ts';
import { compose, type HttpRequest, type Middleware, type Next } from '../http/middleware.ts';
import type { Now } from '../http/now.ts';
import type { OnProgress } from '../http/progress.ts';
import { defaultTotalSeconds } from '../timeouts.ts';
import { type BrowserContentOptions, browserContent, queryOf } from './content.ts';
import { sendByFetch } from './network.ts';
import { BrowserPendingResponse } from './pending-response.ts';
import { refuseOptions, unsupportedMember } from './unsupported.ts';

/** How a client behaves. Everything has a default. */
export interface BrowserClientOptions {
  /** URLs are resolved against it. Default: the address of the page. */
  baseUrl?: string | URL;
  headers?: HeadersInit;
  timeouts?: { totalSeconds?: number };
  limits?: { bodyBytes?: number };
  /** Whether the browser sends its cookies. Default: `same-origin`. */
  credentials?: RequestCredentials;
  secretHeaders?: readonly string[];
  plaintextCredentials?: boolean;
}

/** A request without its URL. */
export interface BrowserRequestOptions extends BrowserContentOptions {
  method?: string;
  headers?: HeadersInit;
  query?: Fields;
  signal?: AbortSignal | null;
  redirect?: RequestRedirect;
  /** Counts received octets only: a browser does not report what it has sent. */
  onProgress?: OnProgress | undefined;
}

type Call = (url: string | URL, options?: BrowserRequestOptions) => BrowserPendingResponse;

/** Like `fetch`, and more. */
export interface BrowserClient extends Methods<Call> {
  (input: string | URL | Request, init?: BrowserRequestOptions | RequestInit): Promise<Response>;
  request: Call;
  with(...middleware: Middleware[]): BrowserClient;
  download(): never;
  close(): Promise<void>;
}

/**
 * Creates a client. Throws `Unsupported` for an option that only Node can fulfil, such as `publicOnly`.
 * @example
 * const notes = await client().with(retry()).get('/notes').json<Note[]>();
 */
export function client(options: BrowserClientOptions = {}): BrowserClient {
  refuseOptions(options);
  return assemble(options, []);
}

function assemble(options: BrowserClientOptions, middleware: readonly Middleware[]): BrowserClient {
  const now = () => performance.now();
  const { plaintextCredentials = false, credentials = 'same-origin', timeouts } = options;
  const parts: Parts = {
    options,
    now,
    run: compose(middleware, sendByFetch({ plaintextCredentials, credentials }, now)),
    startDeadline: createDeadlines(timeouts?.totalSeconds ?? defaultTotalSeconds, now),
  };
  const call: Call = (url, init = {}) => start(parts, url, init);
  const asFetch = async (input: string | URL | Request, init: BrowserRequestOptions | RequestInit = {}) => {
    const given = init as BrowserRequestOptions;
    if (!(input instanceof Request)) return call(input, given);
    const { method, headers, signal } = input;
    const body = input.body === null ? null : await input.blob(); // streams need HTTP/2
    return call(input.url, { method, headers, body, signal, ...given });
  };
  return Object.assign(asFetch, {
    ...methodsOf<string | URL, BrowserRequestOptions, BrowserPendingResponse>(call),
    request: call,
    with: (...added: Middleware[]) => assemble(options, [...middleware, ...added]),
    download: unsupportedMember('download', 'a page has no files; read bytes() or stream()'),
    close: async () => {},
  });
}

interface Parts {
  options: BrowserClientOptions;
  now: Now;
  run: Next;
  startDeadline: StartDeadline;
}

function start(parts: Parts, address: string | URL, init: BrowserRequestOptions): BrowserPendingResponse {
  const { options, now, run } = parts;
  const { request, deadline } = prepare(parts, address, init);
  const respond = async () => {
    try {
      request.signal.throwIfAborted();
      return await run(request);
    } catch (error) {
      deadline.end();
      throw typedError(error, request, now);
    }
  };
  return new BrowserPendingResponse(respond(), {
    bodyBytes: options.limits?.bodyBytes ?? defaultLimits.bodyBytes,
    failure: () => failureOf(request, now, 'response'),
    typed: (error) => typedError(error, request, now),
    streaming: () => deadline.lift(),
    over: () => deadline.end(),
    onProgress: init.onProgress,
  });
}

function prepare(
  { options, startDeadline }: Parts,
  address: string | URL,
  init: BrowserRequestOptions,
): { request: HttpRequest; deadline: Deadline } {
  const url = new URL(address, options.baseUrl ?? globalThis.location?.href);
  if (init.query !== undefined)
    for (const [name, value] of queryOf(init.query)) url.searchParams.append(name, value);
  const { content, type, replayable } = browserContent(init);
  const fields = new FieldList(['accept', '*/*', ...(type === undefined ? [] : ['content-type', type])]);
  for (const given of [options.headers, init.headers]) {
    new Headers(given).forEach((value, name) => {
      fields.set(name, value);
    });
  }
  const deadline = startDeadline(url, init.signal ?? undefined);
  const request: HttpRequest = {
    method: init.method?.toUpperCase() ?? 'GET',
    url,
    first: url,
    headers: fields as unknown as Headers,
    content,
    replayable,
    signal: deadline.signal,
    redirect: init.redirect ?? 'follow',
    secrets: (options.secretHeaders ?? []).map((name) => name.toLowerCase()),
    attempt: 1,
    startedAt: deadline.startedAt,
  };
  return { request, deadline };
}

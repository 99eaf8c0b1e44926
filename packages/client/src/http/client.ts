// The client: a function like `fetch`, with methods, and middleware around its own network. Safe by default:
// it limits time and size, checks certificates, and sends no secret to another origin or over plain HTTP.

import { createNetwork, type Network, type NetworkSettings } from '../network/network.ts';
import { readTrust } from '../network/trust.ts';
import { defaultTimeouts, defaultTotalSeconds } from '../timeouts.ts';
import type { HttpClientOptions, MethodOptions, RequestOptions } from './client-options.ts';
import { contentOf } from './content.ts';
import { createDeadlines, type Deadline, type StartDeadline } from './deadline.ts';
import { type Downloaded, type DownloadOptions, download } from './download.ts';
import { failureOf, typedError } from './failures.ts';
import type { FieldList } from './field-list.ts';
import { LazyResponse } from './lazy-response.ts';
import { defaultLimits } from './limits.ts';
import { type Methods, methodsOf } from './methods.ts';
import { compose, type HttpRequest, type Middleware, type Next, stages } from './middleware.ts';
import type { Now } from './now.ts';
import { PendingResponse, type ReadingTools } from './pending-response.ts';
import { followRedirects } from './redirect.ts';
import { fieldsOf, fromRequest, headersOf, methodOf, targetOf } from './request-parts.ts';

/** Like `fetch`, and more. */
export interface HttpClient extends Methods<(url: string | URL, options?: MethodOptions) => PendingResponse> {
  (input: string | URL | Request, init?: RequestOptions | RequestInit): Promise<Response>;
  request(url: string | URL, options?: RequestOptions): PendingResponse;
  /**
   * Writes the content to a file. The file is replaced only when the content is complete and on the disk. An
   * interrupted download continues where it stopped, if the server still has the same file.
   */
  download(url: string | URL, file: string, options?: DownloadOptions): Promise<Downloaded>;
  /**
   * A new client with this middleware. It shares the connections, unless the middleware changes the network.
   */
  with(...middleware: Middleware[]): HttpClient;
  /** Ends all connections, also those in use, and those of clients that share them. */
  close(): Promise<void>;
}

/**
 * Creates a client: a function like `fetch`, to which `with` adds middleware.
 * @example
 * const http = client({ baseUrl: 'https://api.example.com' }).with(retry());
 * const notes = await http.get('/notes', { query: { page: 2 } }).json<Note[]>();
 */
export function client(options: HttpClientOptions = {}): HttpClient {
  const now = () => performance.now();
  const network = createNetwork(networkSettings(options), now);
  return assemble({ options, network, middleware: [], networks: [network], identity: {}, now });
}

interface Parts {
  options: HttpClientOptions;
  network: Network;
  middleware: readonly Middleware[];
  /** What this client closes. */
  networks: readonly Network[];
  /** Identifies the credentials of the client. */
  identity: object;
  now: Now;
}

function networkSettings(options: HttpClientOptions): NetworkSettings {
  return {
    trust: readTrust({}),
    proxy: () => undefined,
    timeouts: { ...defaultTimeouts, ...options.timeouts },
    limits: { ...defaultLimits, ...options.limits },
    decompress: options.decompress ?? true,
    http2: options.http2 ?? false,
    publicOnly: options.publicOnly ?? false,
    plaintextCredentials: options.plaintextCredentials ?? false,
  };
}

function assemble(parts: Parts): HttpClient {
  const { network, middleware, now, options } = parts;
  const rules = {
    most: network.settings.limits.redirects,
    allowsPlaintext: options.plaintextRedirects ?? false,
  };
  const redirects = followRedirects(rules, now);
  const running: Running = {
    run: compose([...middleware, redirects], network.send),
    now,
    baseUrl: options.baseUrl,
    protocols: middleware.flatMap(({ protocols = [] }) => protocols),
    fields: fieldsOf(options),
    secrets: (options.secretHeaders ?? []).map((name) => name.toLowerCase()),
    identity: parts.identity,
    reading: { limits: network.settings.limits, decompress: network.settings.decompress },
    startDeadline: createDeadlines(options.timeouts?.totalSeconds ?? defaultTotalSeconds, now),
  };
  const call = (url: string | URL, init: RequestOptions = {}) => {
    try {
      return start(running, url, init);
    } catch (error) {
      return misused(error);
    }
  };
  const methods = methodsOf<string | URL, MethodOptions, PendingResponse>(call);
  const asFetch = async (input: string | URL | Request, init: RequestOptions | RequestInit = {}) =>
    input instanceof Request
      ? call(input.url, fromRequest(input, init))
      : call(input, init as RequestOptions);
  return Object.assign(asFetch, {
    ...methods,
    request: call,
    download: (url: string | URL, file: string, init?: DownloadOptions) =>
      download(methods.get, url, file, init),
    with: (...added: Middleware[]) => assemble(withMiddleware(parts, added)),
    close: async () => {
      await Promise.all([...parts.networks, ...middleware].map((one) => one.close?.()));
    },
  });
}

/** A change of the network opens new connections, so that none uses the old trust or the old proxy. */
function withMiddleware(parts: Parts, added: readonly Middleware[]): Parts {
  const changes = added.map(({ network }) => network).filter((change) => change !== undefined);
  const middleware = [...parts.middleware, ...added];
  const identity = added.some(isIdentifying) ? {} : parts.identity;
  if (changes.length === 0) return { ...parts, middleware, identity };
  const network = createNetwork(Object.assign({ ...parts.network.settings }, ...changes), parts.now);
  return { ...parts, middleware, identity, network, networks: [...parts.networks, network] };
}

/** Whether it shows the server who the caller is. */
function isIdentifying({ stage, network }: Middleware): boolean {
  const isLate = stage !== undefined && stages.indexOf(stage) >= stages.indexOf('authentication');
  return network !== undefined || isLate;
}

interface Running {
  run: Next;
  now: Now;
  baseUrl: string | URL | undefined;
  /** For URLs that middleware answers itself. */
  protocols: readonly string[];
  /** Of every request. */
  fields: FieldList;
  secrets: readonly string[];
  startDeadline: StartDeadline;
  identity: object;
  reading: NonNullable<HttpRequest['reading']>;
}

function start(running: Running, address: string | URL, init: RequestOptions): PendingResponse {
  const { content, replayable, type, length } = contentOf(init);
  const url = targetOf(address, init.query, running);
  const method = methodOf(init.method);
  const headers = headersOf(running.fields, init.headers, { type, length });
  const deadline = running.startDeadline(url, init.signal ?? undefined);
  const request: HttpRequest = {
    method,
    url,
    first: url,
    headers,
    content,
    replayable,
    signal: deadline.signal,
    redirect: init.redirect ?? 'follow',
    secrets: running.secrets,
    attempt: 1,
    startedAt: deadline.startedAt,
    onProgress: init.onProgress,
    identity: running.identity,
    reading: running.reading,
  };
  return new PendingResponse(respond(running, request, deadline), new Call(request, running.now));
}

async function respond({ run, now }: Running, request: HttpRequest, deadline: Deadline): Promise<Response> {
  try {
    request.signal.throwIfAborted();
    const response = await run(request);
    if (response instanceof LazyResponse) response.watch(deadline);
    else deadline.end();
    return response;
  } catch (error) {
    deadline.end();
    throw typedError(error, request, now);
  }
}

/** What a pending response knows about its request. */
class Call implements ReadingTools {
  readonly #request: HttpRequest;
  readonly #now: Now;

  constructor(request: HttpRequest, now: Now) {
    this.#request = request;
    this.#now = now;
  }

  failure() {
    return failureOf(this.#request, this.#now, 'response');
  }

  typed(error: unknown): unknown {
    return typedError(error, this.#request, this.#now);
  }
}

/** Misuse rejects the promise, as with `fetch`. */
function misused(error: unknown): PendingResponse {
  const failure = () => ({
    phase: 'request' as const,
    attempt: 1,
    timings: { elapsedMs: 0 },
    retryable: false,
  });
  return new PendingResponse(Promise.reject(error), { failure, typed: (reason) => reason });
}

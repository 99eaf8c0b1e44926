// A private cache (RFC 9111) with the extensions of RFC 5861. It is outside of redirects, credentials and
// cookies, so clients with different credentials have separate parts. Stores complete contents only, no
// redirects and no partial answers.
import { waitFor } from '../http/deadline.ts';
import { RequestError } from '../http/errors.ts';
import { copyFields } from '../http/field-list.ts';
import { networkAnswerOf, storedResponse } from '../http/lazy-response.ts';
import { atStage, type HttpRequest, type Middleware, type Next } from '../http/middleware.ts';
import { discard } from '../http/response.ts';
import { createCollector } from './collector.ts';
import { credentialsOf } from './credentials.ts';
import { type Directives, parseDirectives } from './directives.ts';
import { ageOf, isUsableAfterError, useOf } from './freshness.ts';
import { createOwners } from './owners.ts';
import { type CachedAnswer, type CacheStore, memoryStore } from './store.ts';
import { confirmed, fits, fitting, isStorable, storedFields, variedFields } from './stored-answer.ts';

/** How much is stored, and where. */
export interface CacheOptions {
  /** The size of the whole cache in memory, in octets. Default: 32 MiB. */
  maxBytes?: number;
  /** The largest content that is stored, in octets. Default: 4 MiB. */
  maxEntryBytes?: number;
  /**
   * Another store, for the answers of one user. Clients with different credentials cannot share it. Default:
   * in memory.
   */
  store?: CacheStore;
}

/** The clocks of a cache. Tests hand in their own. */
export interface CacheClocks {
  /** Milliseconds since 1970. */
  date(): number;
  /** Milliseconds, on the clock of the client. */
  now(): number;
}

const MOST_ENTRY_BYTES = 4 * 1024 ** 2;
const BACKGROUND_MS = 30_000;
/** The caller's own conditions, which only the origin can answer (RFC 9111 §4.3.2). */
const CONDITIONS = [
  'if-match',
  'if-none-match',
  'if-modified-since',
  'if-unmodified-since',
  'if-range',
  'range',
];

/**
 * Answers from memory while an answer is fresh. Then asks the server whether it has changed.
 * @example
 * const caching = client().with(cache());
 */
export function cache(
  { maxBytes, maxEntryBytes = MOST_ENTRY_BYTES, store }: CacheOptions = {},
  clocks: CacheClocks = { date: Date.now, now: () => performance.now() },
): Middleware {
  const owners = createOwners(store !== undefined);
  const tools: Tools = { store: store ?? memoryStore(maxBytes), maxEntryBytes, clocks, asking: new Map() };
  return atStage('cache', async (request, next) => {
    const owner = owners.of(request);
    if (!SAFE.has(request.method)) return invalidating(tools, owner, request, next);
    const asked = directivesOf(request);
    if (request.method !== 'GET' || asked.has('no-store')) return next(request);
    if (CONDITIONS.some((name) => request.headers.has(name))) return next(request);
    return answerTo({ tools, key: keyOf(owner, request.url), request, next, asked });
  });
}

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

interface Tools {
  store: CacheStore;
  maxEntryBytes: number;
  clocks: CacheClocks;
  /** The requests in progress, and what they will store. */
  asking: Map<string, Promise<CachedAnswer | undefined>>;
}

interface Lookup {
  tools: Tools;
  key: string;
  request: HttpRequest;
  next: Next;
  asked: Directives;
}

async function answerTo(lookup: Lookup): Promise<Response> {
  const { tools, key, request, asked } = lookup;
  const answer = fitting((await tools.store.read(key)) ?? [], request, credentialsOf(request));
  const use = answer && useOf(answer, asked, tools.clocks.date());
  if (answer !== undefined && use === 'fresh') return respond(lookup, answer);
  if (asked.has('only-if-cached')) return new Response(null, { status: 504 }); // §5.2.1.7
  if (answer !== undefined && use === 'stale-while-revalidate') {
    if (!tools.asking.has(key)) refresh(lookup, answer);
    return respond(lookup, answer);
  }
  const theirs = asked.has('no-cache') ? undefined : tools.asking.get(key);
  return (theirs && (await shared(lookup, theirs))) ?? ask(lookup, answer);
}

/** What another request in progress stores. Undefined if it stores nothing that fits. */
async function shared(
  lookup: Lookup,
  theirs: Promise<CachedAnswer | undefined>,
): Promise<Response | undefined> {
  const { tools, request, asked } = lookup;
  const answer = await waitFor(theirs, request.signal);
  if (answer === undefined || !fits(answer, request, credentialsOf(request))) return undefined;
  return useOf(answer, asked, tools.clocks.date()) === 'fresh' ? respond(lookup, answer) : undefined;
}

/** Asks the server, with the validators of the stored answer if there is one. */
async function ask(lookup: Lookup, stored: CachedAnswer | undefined): Promise<Response> {
  const { tools, key, request, next } = lookup;
  const { promise, resolve } = Promise.withResolvers<CachedAnswer | undefined>();
  const isFirst = !tools.asking.has(key);
  if (isFirst) {
    tools.asking.set(key, promise);
    promise.then(() => tools.asking.delete(key));
  }
  const requestedAt = tools.clocks.date();
  try {
    const response = await next(stored === undefined ? request : conditional(request, stored));
    const times = { requestedAt, receivedAt: tools.clocks.date() };
    if (stored !== undefined && response.status === 304)
      return await confirm(lookup, stored, { response, times, resolve });
    if (stored !== undefined && response.status >= 500 && isUsable(lookup, stored)) {
      await discard(response);
      resolve(undefined);
      return respond(lookup, stored);
    }
    keep(lookup, { response, times, resolve });
    return response;
  } catch (error) {
    resolve(undefined);
    if (stored === undefined || !isFailure(error) || !isUsable(lookup, stored)) throw error;
    return respond(lookup, stored);
  }
}

interface Received {
  response: Response;
  times: Pick<CachedAnswer, 'requestedAt' | 'receivedAt'>;
  /** Gives the stored answer to the requests that wait for it. */
  resolve(answer: CachedAnswer | undefined): void;
}

async function confirm(
  lookup: Lookup,
  stored: CachedAnswer,
  { response, times, resolve }: Received,
): Promise<Response> {
  const fields = networkAnswerOf(response)?.answer.fields ?? Object.fromEntries(response.headers);
  await discard(response);
  const answer = confirmed(stored, fields, times);
  await write(lookup, answer);
  resolve(answer);
  return respond(lookup, answer);
}

/** Stores the answer when its content is complete. The caller can read it before that. */
function keep(lookup: Lookup, { response, times, resolve }: Received): void {
  const found = storable(lookup, response);
  if (found === undefined) {
    resolve(undefined);
    return;
  }
  const { varied, answer } = found;
  const { status, statusText, fields, body } = answer;
  // Others wait only for content that arrives complete even if the caller does not read it.
  const length = Number(fields['content-length'] ?? Number.NaN);
  if (!(length <= body.heldBytes)) resolve(undefined);
  const credentials = credentialsOf(lookup.request);
  const store = async (content: Uint8Array) => {
    const kept = {
      status,
      statusText,
      fields: storedFields(fields),
      body: content,
      varied,
      credentials,
      ...times,
    };
    await write(lookup, kept);
    return kept;
  };
  const collector = createCollector(lookup.tools.maxEntryBytes, (content) => {
    if (content === undefined) resolve(undefined);
    else store(content).then(resolve, () => resolve(undefined));
  });
  body.tap(collector);
}

function storable({ request }: Lookup, response: Response) {
  const found = networkAnswerOf(response);
  if (found === undefined || response.redirected) return undefined;
  const { answer, request: sent } = found;
  if (!isStorable(request, answer.status, answer.fields)) return undefined;
  const varied = variedFields(request, sent, answer.fields);
  return varied && { answer, varied };
}

/** Replaces the stored answers that match the same request. */
async function write({ tools, key, request }: Lookup, answer: CachedAnswer): Promise<void> {
  const before = (await tools.store.read(key)) ?? [];
  const others = before.filter((one) => !fits(one, request, answer.credentials));
  await tools.store.write(key, [...others.slice(-(MOST_VARIANTS - 1)), answer]);
}

const MOST_VARIANTS = 16;

/** RFC 5861 §3: the caller does not wait. A failure leaves the stored answer. */
function refresh(lookup: Lookup, stored: CachedAnswer): void {
  const request = { ...lookup.request, signal: AbortSignal.timeout(BACKGROUND_MS) };
  ask({ ...lookup, request }, stored)
    .then(
      (response) => response.bytes(),
      () => {},
    )
    .catch(() => {});
}

function conditional(request: HttpRequest, { fields }: CachedAnswer): HttpRequest {
  const headers = copyFields(request.headers);
  if (fields.etag !== undefined) headers.set('if-none-match', String(fields.etag));
  if (fields['last-modified'] !== undefined)
    headers.set('if-modified-since', String(fields['last-modified']));
  return { ...request, headers };
}

function respond({ tools, request }: Lookup, answer: CachedAnswer): Response {
  const age = String(Math.floor(ageOf(answer, tools.clocks.date())));
  return storedResponse({ ...answer, fields: { ...answer.fields, age } }, request, tools.clocks.now);
}

function isUsable({ tools, asked }: Lookup, stored: CachedAnswer): boolean {
  return isUsableAfterError(stored, asked, tools.clocks.date());
}

function isFailure(error: unknown): boolean {
  return error instanceof RequestError && error.code !== 'aborted' && error.phase !== 'total';
}

/** An unsafe request that succeeds makes what is stored for its targets invalid (§4.4). */
async function invalidating(
  { store }: Tools,
  owner: string,
  request: HttpRequest,
  next: Next,
): Promise<Response> {
  const response = await next(request);
  if (response.status >= 400) return response;
  const named = ['location', 'content-location'].map((name) => response.headers.get(name));
  const targets = [request.url, ...named.map((address) => address && URL.parse(address, request.url))];
  for (const target of targets) {
    if (target && target.origin === request.url.origin) await store.remove(keyOf(owner, target));
  }
  return response;
}

function keyOf(owner: string, { href }: URL): string {
  return `${owner}${href.split('#')[0]}`;
}

/** RFC 9111 §5.4: `Pragma: no-cache` counts if there is no Cache-Control. */
function directivesOf({ headers }: HttpRequest): Directives {
  const field = headers.get('cache-control');
  return parseDirectives(field ?? (/\bno-cache\b/i.test(headers.get('pragma') ?? '') ? 'no-cache' : null));
}

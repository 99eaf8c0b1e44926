// Which answers may be stored (RFC 9111 §3), which stored answer fits a request (§4.1), and what a 304
// changes (§3.2).
import type { HttpRequest } from '../http/middleware.ts';
import { isSecret } from './credentials.ts';
import { parseDirectives } from './directives.ts';
import { lifetimeOf, textOf } from './freshness.ts';
import type { CachedAnswer } from './store.ts';

type Fields = CachedAnswer['fields'];

/**
 * Heuristically cacheable (RFC 9110 §15.1), without redirects and partial answers: later steps handle these.
 */
const STATUSES = new Set([200, 203, 204, 404, 405, 410, 414, 501]);
const HOP_BY_HOP = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];
/** They belong to the stored content (§3.2). */
const OF_CONTENT = ['content-encoding', 'content-length', 'content-range', 'content-type'];

/** Whether a private cache may store the answer, and can use it later. */
export function isStorable(request: HttpRequest, status: number, fields: Fields): boolean {
  if (request.method !== 'GET' || !STATUSES.has(status)) return false;
  if (parseDirectives(request.headers.get('cache-control')).has('no-store')) return false;
  const directives = parseDirectives(textOf(fields['cache-control']));
  if (directives.has('no-store')) return false;
  return (
    lifetimeOf(fields, directives) > 0 || fields.etag !== undefined || fields['last-modified'] !== undefined
  );
}

/**
 * The fields of the request that the answer varies by. Undefined if that cannot be known for a later request:
 * `*`, or a field that a step behind the cache sets.
 */
export function variedFields(
  request: HttpRequest,
  sent: HttpRequest,
  fields: Fields,
): CachedAnswer['varied'] | undefined {
  const names = (textOf(fields.vary) ?? '')
    .toLowerCase()
    .split(/[\s,]+/)
    .filter(Boolean);
  const isKnown = (name: string) => name !== '*' && request.headers.get(name) === sent.headers.get(name);
  if (!names.every(isKnown)) return undefined;
  // For secret fields, the hash of the credentials is compared.
  const open = names.filter((name) => !isSecret(name, request));
  return Object.fromEntries(open.map((name) => [name, request.headers.get(name)]));
}

/** The latest answer that fits (§4.1). */
export function fitting(
  answers: readonly CachedAnswer[],
  request: HttpRequest,
  credentials: string,
): CachedAnswer | undefined {
  return answers
    .filter((answer) => fits(answer, request, credentials))
    .toSorted((a, b) => b.receivedAt - a.receivedAt)[0];
}

/** Whether the answer fits this request and these credentials. */
export function fits(answer: CachedAnswer, request: HttpRequest, credentials: string): boolean {
  if (answer.credentials !== credentials) return false;
  return Object.entries(answer.varied).every(([name, value]) => request.headers.get(name) === value);
}

/** Without the fields of the connection (§3.1). */
export function storedFields(fields: Fields): Fields {
  const named = (textOf(fields.connection) ?? '').toLowerCase().split(/[\s,]+/);
  const dropped = new Set([...HOP_BY_HOP, ...named]);
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !dropped.has(name)));
}

/** The stored answer after a 304 (§4.3.4). */
export function confirmed(
  answer: CachedAnswer,
  fields: Fields,
  times: Pick<CachedAnswer, 'requestedAt' | 'receivedAt'>,
): CachedAnswer {
  const { age: _age, ...before } = answer.fields;
  const changes = Object.entries(storedFields(fields)).filter(([name]) => !OF_CONTENT.includes(name));
  return { ...answer, ...times, fields: { ...before, ...Object.fromEntries(changes) } };
}

// How old a stored answer is, and how long it is fresh, for a private cache (RFC 9111 §4.2). Does not
// estimate freshness from Last-Modified (§4.2.2): an answer without max-age and Expires is validated each
// time.
import { parseHttpDate } from '../http/http-date.ts';
import { type Directives, MOST_SECONDS, parseDirectives, secondsOf } from './directives.ts';
import type { CachedAnswer } from './store.ts';

/** Seconds since the origin made or confirmed the answer (§4.2.3). */
export function ageOf({ fields, requestedAt, receivedAt }: CachedAnswer, now: number): number {
  const date = dateOf(fields.date) ?? receivedAt;
  const apparent = Math.max(0, receivedAt - date) / 1000;
  const delay = (receivedAt - requestedAt) / 1000;
  const initial = Math.max(apparent, ageIn(fields.age) + delay);
  return initial + Math.max(0, now - receivedAt) / 1000;
}

/** Seconds (§4.2.1). `s-maxage` is for shared caches, and is ignored. */
export function lifetimeOf(fields: CachedAnswer['fields'], directives: Directives): number {
  const maxAge = secondsOf(directives, 'max-age');
  if (maxAge !== undefined) return maxAge;
  if (fields.expires === undefined) return 0;
  const expires = dateOf(fields.expires);
  const date = dateOf(fields.date);
  return expires === undefined || date === undefined ? 0 : Math.max(0, (expires - date) / 1000);
}

/** What may be done with a stored answer. */
export type Use = 'fresh' | 'stale-while-revalidate' | 'validate';

/** Decides for one request (§4, §5.2.1, RFC 5861 §3). */
export function useOf(answer: CachedAnswer, request: Directives, now: number): Use {
  const own = directivesOf(answer);
  if (own.has('no-cache') || request.has('no-cache')) return 'validate';
  const age = ageOf(answer, now);
  const lifetime = lifetimeOf(answer.fields, own);
  if (age > (secondsOf(request, 'max-age') ?? Number.POSITIVE_INFINITY)) return 'validate';
  const staleness = age + (secondsOf(request, 'min-fresh') ?? 0) - lifetime;
  if (staleness < 0) return 'fresh';
  if (own.has('must-revalidate')) return 'validate';
  const accepted = request.get('max-stale');
  if (accepted === '' || staleness <= (secondsOf(request, 'max-stale') ?? -1)) return 'fresh';
  return staleness <= (secondsOf(own, 'stale-while-revalidate') ?? -1)
    ? 'stale-while-revalidate'
    : 'validate';
}

/** Whether a stale answer may replace an error (RFC 5861 §4). */
export function isUsableAfterError(answer: CachedAnswer, request: Directives, now: number): boolean {
  const own = directivesOf(answer);
  if (own.has('must-revalidate') || own.has('no-cache')) return false;
  const grace = secondsOf(request, 'stale-if-error') ?? secondsOf(own, 'stale-if-error');
  return grace !== undefined && ageOf(answer, now) - lifetimeOf(answer.fields, own) <= grace;
}

export function directivesOf({ fields }: CachedAnswer): Directives {
  return parseDirectives(textOf(fields['cache-control']));
}

/** The value of a field as one string. */
export function textOf(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'object' ? value.join(', ') : value;
}

function dateOf(value: string | readonly string[] | undefined): number | undefined {
  return parseHttpDate(textOf(value));
}

/** Reads the first of several values. Ignores one that is not a number (§5.1). */
function ageIn(value: string | readonly string[] | undefined): number {
  const [first = ''] = (textOf(value) ?? '').split(',');
  return /^\s*\d+\s*$/.test(first) ? Math.min(Number(first), MOST_SECONDS) : 0;
}

// Follows redirects (RFC 9110 §15.4). Removes all secrets before it sends a request to another origin.
// Refuses targets that are not HTTP, redirects from https: to plain HTTP, endless chains, and content that
// cannot be sent again.
import { ClientError } from '../errors.ts';
import { isLoopback } from '../network/loopback.ts';
import { LimitError } from './errors.ts';
import { failureOf } from './failures.ts';
import { copyFields } from './field-list.ts';
import { atStage, type HttpRequest, type Middleware } from './middleware.ts';
import type { Now } from './now.ts';
import { discard, fieldOf } from './response.ts';
import { secretFieldsOf } from './secret-fields.ts';

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const OF_CONTENT = [
  'content-type',
  'content-length',
  'content-encoding',
  'content-language',
  'content-location',
];

/** The limits for redirects. */
export interface RedirectRules {
  /** The largest number of redirects. */
  most: number;
  /** Whether redirects may lead from https: to plain HTTP. */
  allowsPlaintext: boolean;
}

/** Follows redirects within the limits. */
export function followRedirects({ most, allowsPlaintext }: RedirectRules, now: Now): Middleware {
  return atStage('redirect', async (request, next) => {
    let current = request;
    for (let hops = 0; ; hops += 1) {
      const response = await next(current);
      if (!REDIRECTS.has(response.status) || request.redirect === 'manual') return response;
      const location = fieldOf(response, 'location');
      if (location === null) return response;
      await discard(response);
      if (hops === most || request.redirect === 'error') throw tooMany(request, most, now);
      const following = afterRedirect(current, response.status, location);
      if (!allowsPlaintext) requireStillConfidential(current, following);
      current = following;
    }
  });
}

/** A caller of https: expects that no one can read or change the content. Loopback is safe for this. */
function requireStillConfidential({ url }: HttpRequest, { url: target }: HttpRequest): void {
  if (url.protocol !== 'https:' || target.protocol === 'https:' || isLoopback(target.hostname)) return;
  throw new ClientError(
    'plaintext_redirect',
    `refused to follow a redirect of ${url.origin} to ${target.origin}, which is plain HTTP: ask its operator, or set plaintextRedirects if others may read and change the content`,
  );
}

/** The next request after a redirect. */
export function afterRedirect(request: HttpRequest, status: number, location: string): HttpRequest {
  const url = targetOf(request.url, location);
  const headers = copyFields(request.headers);
  if (url.origin !== request.url.origin) {
    for (const name of secretFieldsOf(headers, request.secrets)) headers.delete(name);
    headers.delete('host');
  }
  if (becomesGet(request.method, status)) {
    for (const name of OF_CONTENT) headers.delete(name);
    return { ...request, url, headers, method: 'GET', content: null, replayable: true };
  }
  if (!request.replayable) {
    const message = `${request.url.origin} redirects content that is a stream (${status}): give the content as octets or as a Blob`;
    throw new ClientError('protocol', message);
  }
  return { ...request, url, headers };
}

function targetOf(from: URL, location: string): URL {
  const url = URL.parse(location, from);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new ClientError(
      'protocol',
      `${from.origin} redirects to something that is not HTTP: check that the address is right`,
    );
  }
  if (url.hash === '') url.hash = from.hash; // RFC 9110 §10.2.2
  url.username = '';
  url.password = '';
  return url;
}

/** As browsers do (RFC 9110 §15.4.2 to §15.4.4). */
function becomesGet(method: string, status: number): boolean {
  if (status === 303) return method !== 'HEAD';
  return (status === 301 || status === 302) && method === 'POST';
}

function tooMany(request: HttpRequest, most: number, now: Now): LimitError {
  const reason =
    request.redirect === 'error'
      ? 'redirects, which this request does not allow'
      : `redirects more than ${most} times: check its address, or raise limits.redirects`;
  return new LimitError('limit', `${request.first.origin} ${reason}`, failureOf(request, now, 'response'));
}

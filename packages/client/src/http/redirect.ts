// Follows redirects (RFC 9110 §15.4). Removes everything secret before it goes to another origin. Refuses
// targets that are not HTTP, endless chains, and to repeat content that cannot be repeated.
import { ClientError } from '../errors.ts';
import { LimitError } from './errors.ts';
import { failureOf } from './failures.ts';
import { copyFields } from './field-list.ts';
import { atStage, type HttpRequest, type Middleware } from './middleware.ts';
import type { Now } from './now.ts';
import { discard, fieldOf } from './response.ts';

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const SECRET = ['authorization', 'cookie', 'proxy-authorization', 'x-api-key', 'x-auth-token'];
const OF_CONTENT = [
  'content-type',
  'content-length',
  'content-encoding',
  'content-language',
  'content-location',
];

/** Follows up to `most` redirects. */
export function followRedirects(most: number, now: Now): Middleware {
  return atStage('redirect', async (request, next) => {
    let current = request;
    for (let hops = 0; ; hops += 1) {
      const response = await next(current);
      if (!REDIRECTS.has(response.status) || request.redirect === 'manual') return response;
      const location = fieldOf(response, 'location');
      if (location === null) return response;
      await discard(response);
      if (hops === most || request.redirect === 'error') throw tooMany(request, most, now);
      current = afterRedirect(current, response.status, location);
    }
  });
}

/** The next request after a redirect. */
export function afterRedirect(request: HttpRequest, status: number, location: string): HttpRequest {
  const url = targetOf(request.url, location);
  const headers = copyFields(request.headers);
  if (url.origin !== request.url.origin) {
    for (const name of [...SECRET, ...request.secrets]) headers.delete(name);
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

// Digest (RFC 7616) to a server. The first request is sent without it. Later ones use the nonce at once.
import { randomBytes } from 'node:crypto';
import { withHeader } from '../http/field-list.ts';
import { atStage, type HttpRequest, type Middleware } from '../http/middleware.ts';
import { discard, fieldOf } from '../http/response.ts';
import { bindToOrigin } from './binding.ts';
import { parseChallenges } from './challenges.ts';
import { createDigestSession, type DigestTarget, type Password } from './digest-session.ts';
import type { Binding } from './header-credentials.ts';

/**
 * Proves a password without sending it (RFC 7616): with SHA-512-256, SHA-256, or MD5 if the server has
 * nothing better.
 * @example
 * const text = await client().with(digest({ username: 'ada', password })).get(url).text();
 */
export function digest(options: Password & Binding, randomNonce: () => string = nonce): Middleware {
  const belongs = bindToOrigin(options.origin);
  const session = createDigestSession(options, randomNonce);
  return atStage('authentication', async (request, next) => {
    if (!belongs(request)) return next(request);
    const sent = session.authorize(targetOf(request));
    const response = await next(authorized(request, sent));
    session.learn(fieldOf(response, 'authentication-info'));
    if (response.status !== 401 || !request.replayable) return response;
    if (!session.accept(parseChallenges(fieldOf(response, 'www-authenticate')), sent)) return response;
    await discard(response);
    const answer = await next(authorized(request, session.authorize(targetOf(request))));
    session.learn(fieldOf(answer, 'authentication-info'));
    return answer;
  });
}

/** A nonce of the client. */
export function nonce(): string {
  return randomBytes(16).toString('hex');
}

function authorized(request: HttpRequest, value: string | undefined): HttpRequest {
  return value === undefined ? request : withHeader(request, 'authorization', value);
}

function targetOf({ method, url, content }: HttpRequest): DigestTarget {
  return { method, uri: url.pathname + url.search, content: typeof content === 'function' ? null : content };
}

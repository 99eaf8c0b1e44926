// Tokens of OAuth 2.0 by client credentials (RFC 6749 §4.4). Requests that need a token at the same time wait
// for one request to the token endpoint.
import { waitFor } from '../../http/deadline.ts';
import { AuthError } from '../../http/errors.ts';
import { failureOf } from '../../http/failures.ts';
import { withHeader } from '../../http/field-list.ts';
import { atStage, type HttpRequest, type Middleware, type Next } from '../../http/middleware.ts';
import { discard } from '../../http/response.ts';
import { bindToOrigin } from '../binding.ts';
import type { Binding } from '../header-credentials.ts';
import { createTokenSource } from './token-source.ts';

/** How this client identifies itself to the authorization server. */
export interface ClientCredentials extends Binding {
  tokenEndpoint: string | URL;
  clientId: string;
  clientSecret: string;
  /** The scopes to ask for, with spaces between them. */
  scope?: string;
  /** Further parameters, such as `resource` or `audience`. */
  parameters?: Readonly<Record<string, string>>;
}

interface Token {
  value: string;
  /** On the clock of the client, in milliseconds. */
  expiresAt: number;
}

const EARLY_MS = 10_000;

/** Gets a token before the first request, before it expires, and after a 401. */
export function clientCredentials(
  options: ClientCredentials,
  now: () => number = () => performance.now(),
): Middleware {
  const belongs = bindToOrigin(options.origin);
  const tokens = createTokenSource<Token, Sending>({
    obtain: ({ request, next }) => requestToken(request, next, options, now),
    isOver: ({ expiresAt }) => now() >= expiresAt,
  });
  return atStage('authentication', async (request, next) => {
    if (!belongs(request)) return next(request);
    const used = tokens.current({ request, next });
    const response = await next(await withToken(request, used));
    if (response.status !== 401 || !request.replayable) return response;
    await discard(response);
    return next(await withToken(request, tokens.after(used, { request, next })));
  });
}

interface Sending {
  request: HttpRequest;
  next: Next;
}

/** Waits for the token at most as long as the request may last. */
async function withToken(request: HttpRequest, token: Promise<Token>): Promise<HttpRequest> {
  const { value } = await waitFor(token, request.signal);
  return withHeader(request, 'authorization', `Bearer ${value}`);
}

async function requestToken(
  request: HttpRequest,
  next: Next,
  options: ClientCredentials,
  now: () => number,
): Promise<Token> {
  const { clientId, clientSecret, scope, parameters } = options;
  const url = new URL(options.tokenEndpoint);
  // RFC 6749 §2.3.1: both are form-encoded before they are joined.
  const pair = [clientId, clientSecret]
    .map((text) => new URLSearchParams({ '': text }).toString().slice(1))
    .join(':');
  const form = { grant_type: 'client_credentials', ...(scope === undefined ? {} : { scope }), ...parameters };
  const response = await next({
    ...request,
    method: 'POST',
    url,
    first: url,
    headers: new Headers({
      accept: 'application/json',
      authorization: `Basic ${btoa(pair)}`,
      'content-type': 'application/x-www-form-urlencoded',
    }),
    content: new URLSearchParams(form).toString(),
    replayable: true,
    signal: new AbortController().signal, // others wait for it too
    onProgress: undefined,
  });
  const answer = await readAnswer(response);
  if (response.ok && typeof answer.access_token === 'string') {
    const seconds = Number(answer.expires_in ?? Number.POSITIVE_INFINITY);
    return {
      value: answer.access_token,
      expiresAt: now() + seconds * 1000 - Math.min(EARLY_MS, seconds * 500),
    };
  }
  throw new AuthError(
    'auth',
    `${url.origin} did not issue a token (${response.status}${reasonOf(answer)}): check the client id and its secret`,
    failureOf(request, now, 'response'),
  );
}

async function readAnswer(response: Response): Promise<Record<string, unknown>> {
  const text = await response.text();
  try {
    return { ...JSON.parse(text) };
  } catch {
    return {};
  }
}

/** RFC 6749 §5.2. */
function reasonOf({ error, error_description }: Record<string, unknown>): string {
  return [error, error_description]
    .filter((part) => typeof part === 'string')
    .map((part) => ` ${part}`)
    .join(':');
}

// Credentials that are the same in every request: Basic (RFC 7617), a bearer token (RFC 6750), an API key.
import { copyFields, withHeader } from '../http/field-list.ts';
import { atStage, type HttpRequest, type Middleware } from '../http/middleware.ts';
import { bindToOrigin } from './binding.ts';
import type { Password } from './digest-session.ts';

/** The origin that the credential belongs to. Default: that of the first request. */
export interface Binding {
  /** Requests to other origins are sent without it. */
  origin?: string | URL;
}

/**
 * Sends a name and a password (RFC 7617), in UTF-8.
 * @example
 * const text = await client().with(basic({ username: 'ada', password })).get(url).text();
 */
export function basic({ username, password, origin }: Password & Binding): Middleware {
  return constantHeader('authorization', basicValue({ username, password }), origin);
}

/** The value of `Authorization` or `Proxy-Authorization`. */
export function basicValue({ username, password }: Password): string {
  if (username.includes(':'))
    throw new TypeError('a username for Basic must not contain a colon (RFC 7617 §2)');
  const octets = new TextEncoder().encode(`${username}:${password}`);
  return `Basic ${btoa(String.fromCharCode(...octets))}`;
}

/**
 * Sends a token (RFC 6750 §2.1). A function is called for each request.
 * @example
 * const calling = client().with(bearer(token));
 */
export function bearer(
  token: string | (() => string | Promise<string>),
  { origin }: Binding = {},
): Middleware {
  if (typeof token === 'string') return constantHeader('authorization', `Bearer ${token}`, origin);
  const belongs = bindToOrigin(origin);
  return atStage('authentication', async (request, next) => {
    if (!belongs(request)) return next(request);
    return next(withHeader(request, 'authorization', `Bearer ${await token()}`));
  });
}

/**
 * Sends a key as `X-API-Key`, or in another field.
 * @example
 * const calling = client().with(apiKey(key, { header: 'x-token' }));
 */
export function apiKey(
  key: string,
  { header = 'x-api-key', origin }: Binding & { header?: string } = {},
): Middleware {
  return constantHeader(header, key, origin);
}

function constantHeader(name: string, value: string, origin: string | URL | undefined): Middleware {
  const belongs = bindToOrigin(origin);
  const secret = name.toLowerCase();
  return atStage('authentication', async (request, next) =>
    next(belongs(request) ? withSecret(request, secret, value) : request),
  );
}

function withSecret(request: HttpRequest, name: string, value: string): HttpRequest {
  const headers = copyFields(request.headers);
  headers.set(name, value);
  return { ...request, headers, secrets: [...request.secrets, name] };
}

// The network of a client in a browser: `fetch` of the browser, with the rules for what may leave this
// machine.
import { ClientError } from '../errors.ts';
import { typedError } from '../http/failures.ts';
import type { HttpRequest, Next } from '../http/middleware.ts';
import type { Now } from '../http/now.ts';
import { CREDENTIALS, secretFieldsOf } from '../http/secret-fields.ts';
import { isLoopback } from '../network/loopback.ts';

export interface BrowserNetwork {
  /** Send credentials over plain HTTP also to other machines. */
  plaintextCredentials: boolean;
  /** Whether the browser sends its cookies. */
  credentials: RequestCredentials;
}

/** Sends requests by `fetch`. */
export function sendByFetch(settings: BrowserNetwork, now: Now): Next {
  return async (request) => {
    try {
      requireConfidential(request, settings);
      return await fetch(request.url, initOf(request, settings));
    } catch (error) {
      throw typedError(request.signal.aborted ? error : reported(error, request), request, now);
    }
  };
}

function initOf(request: HttpRequest, { credentials }: BrowserNetwork): RequestInit {
  const { method, headers, content, signal } = request;
  const body = (typeof content === 'function' ? content() : content) as BodyInit | null;
  return {
    method,
    headers: [...headers],
    body,
    signal,
    credentials,
    redirect: redirectOf(request),
    ...(body instanceof ReadableStream && { duplex: 'half' }),
  } as RequestInit;
}

/** A browser removes only `Authorization` when it follows a redirect to another origin (Fetch §4.4). */
function redirectOf({ redirect, headers, secrets }: HttpRequest): RequestRedirect {
  const hasOther = secretFieldsOf(headers, secrets).some((name) => name !== 'authorization');
  return redirect === 'follow' && hasOther ? 'error' : redirect;
}

function requireConfidential(
  { url, headers, secrets }: HttpRequest,
  { plaintextCredentials }: BrowserNetwork,
): void {
  if (url.protocol === 'https:' || plaintextCredentials || isLoopback(url.hostname)) return;
  if (![...CREDENTIALS, ...secrets].some((name) => headers.has(name))) return;
  const message = `refused to send a credential over plain HTTP to ${url.host}: use https://`;
  throw new ClientError('identity_plaintext', message);
}

/** A browser does not say why a request failed. */
function reported(error: unknown, { url }: HttpRequest): unknown {
  if (!(error instanceof TypeError)) return error;
  const message = `cannot reach ${url.origin}, or it does not allow this page (CORS), or it redirects a secret; see the console`;
  return new ClientError('connect', message, { cause: error });
}

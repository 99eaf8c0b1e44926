// The requests that oidc-provider sends. It refuses addresses of private networks. That is right for
// documents about clients, because anyone can name their URLs (server-side request forgery). Messages about a
// sign-out may go to any address: an administrator registered their URIs, and they are often in a private
// network, with a certificate of our own authority.
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:http';
import { request as requestOverTls } from 'node:https';

/** `roots`: PEM of the authorities for messages. */
export function createOutbound(roots: () => string): typeof fetch {
  return async (input, init) => {
    if (init?.method !== 'POST') return fetch(input, init);
    return post(new URL(String(input)), init, roots);
  };
}

async function post(
  url: URL,
  { headers, body, signal }: RequestInit,
  roots: () => string,
): Promise<Response> {
  const text = String(body);
  const options = {
    method: 'POST',
    agent: false,
    headers: {
      ...Object.fromEntries(new Headers(headers)),
      'content-length': String(Buffer.byteLength(text)),
    },
    ...(signal && { signal }),
  } as const;
  const outgoing =
    url.protocol === 'https:' ? requestOverTls(url, { ...options, ca: roots() }) : request(url, options);
  outgoing.end(text);
  const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
  // Only the status counts.
  answer.destroy();
  return new Response(null, { status: answer.statusCode ?? 500 });
}

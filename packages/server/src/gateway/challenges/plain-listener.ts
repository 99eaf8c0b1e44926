// Plain HTTP on port 80, for two purposes: answers to http-01 challenges (RFC 8555 §8.3), and redirects to
// our names under https. Everything else gets 404.
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';

export interface PlainHttpDeps {
  /** The answer to a challenge; undefined if there is none with this token. */
  answer(token: string): string | undefined;
  /** The public URL of the gateway. */
  url: string;
  /** The names of our certificates, in lower case; also `*.example.com`. */
  names(): readonly string[];
}

const CHALLENGE = /^\/\.well-known\/acme-challenge\/([\w-]{1,200})$/;

export function createPlainHttp(deps: PlainHttpDeps): RequestListener {
  const { hostname, port } = new URL(deps.url);
  return (incoming, outgoing) => {
    const isRead = incoming.method === 'GET' || incoming.method === 'HEAD';
    const token = CHALLENGE.exec(incoming.url ?? '')?.[1];
    const answer = token === undefined ? undefined : deps.answer(token);
    if (isRead && answer !== undefined)
      return send(outgoing, 200, { 'content-type': 'application/octet-stream' }, answer);
    const host = hostOf(incoming);
    const isOurs = host === hostname || deps.names().some((name) => covers(name, host));
    if (!isRead || !isOurs || token !== undefined || !incoming.url?.startsWith('/'))
      return send(outgoing, 404);
    const location = `https://${host}${port === '' ? '' : `:${port}`}${incoming.url}`;
    send(outgoing, 308, { location });
  };
}

/** Without the port; empty if the request has no single host. */
function hostOf({ headersDistinct }: IncomingMessage): string {
  const { host = [] } = headersDistinct;
  const [first = ''] = host;
  return host.length === 1 ? (/^([\w.-]+)(?::\d{1,5})?$/.exec(first)?.[1] ?? '').toLowerCase() : '';
}

/** A wildcard matches exactly one label, the first (RFC 9525 §6.3). */
function covers(name: string, host: string): boolean {
  if (!name.startsWith('*.')) return name === host;
  const dot = host.indexOf('.');
  return dot > 0 && host.slice(dot) === name.slice(1);
}

function send(
  outgoing: ServerResponse,
  status: number,
  headers: Record<string, string> = {},
  body = '',
): void {
  outgoing.writeHead(status, {
    ...headers,
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  });
  outgoing.end(body);
}

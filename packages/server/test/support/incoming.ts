// A request as Node's HTTP server hands it over, made of what a web request says.
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';

/** The environment that the HTTP application is called with. */
export function incomingFor(
  request: Request,
  socket: { remoteAddress?: string } = {},
): { incoming: IncomingMessage } {
  const body = request.body === null ? Readable.from([]) : Readable.fromWeb(request.body as ReadableStream);
  const headersDistinct = Object.fromEntries([...request.headers].map(([name, value]) => [name, [value]]));
  const { pathname, search } = new URL(request.url);
  const incoming = Object.assign(body, {
    headersDistinct,
    url: pathname + search,
    method: request.method,
    socket,
  });
  return { incoming: incoming as unknown as IncomingMessage };
}

// Calls the HTTP application like Node's HTTP server, from a web request.
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { ReadableStream } from 'node:stream/web';
import type { App, FinishedAnswer } from '../../src/platform/http/app.ts';

/** The answer that a client gets. But the server would also remove the body of an answer to HEAD. */
export async function fetchFrom(
  app: App,
  request: Request,
  socket: { remoteAddress?: string } = {},
): Promise<Response> {
  const { status, headers, body } = await app.answer(incomingFor(request, socket));
  const fields = Object.entries(headers).flatMap(([name, values]): [string, string][] =>
    [values].flat().map((value) => [name, value]),
  );
  return new Response(status === 204 ? null : toBodyInit(body), { status, headers: fields });
}

function toBodyInit(body: FinishedAnswer['body']): BodyInit | undefined {
  if (body === undefined || typeof body === 'string') return body;
  return body instanceof Uint8Array ? new Uint8Array(body) : (ReadableStream.from(body) as BodyInit);
}

function incomingFor(request: Request, socket: { remoteAddress?: string }): IncomingMessage {
  const body = request.body === null ? Readable.from([]) : Readable.fromWeb(request.body as ReadableStream);
  const { pathname, search, host } = new URL(request.url);
  const headersDistinct = Object.fromEntries(
    [['host', host], ...request.headers].map(([name, value]) => [name, [value]]),
  );
  const incoming = Object.assign(body, {
    headersDistinct,
    url: pathname + search,
    method: request.method,
    socket,
  });
  return incoming as unknown as IncomingMessage;
}

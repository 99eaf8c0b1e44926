// An HTTP server that stores one text, and can misbehave.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Scope } from '../../support/temporary-folder.ts';

export interface StoreServer {
  url: string;
  /** The stored text; undefined if there is none. */
  content: string | undefined;
  /** Each request, with its body. */
  requests: { method: string; authorization: string | undefined; type: string | undefined; body: string }[];
  /** Answers instead, if it is set. */
  answer: ((request: IncomingMessage, response: ServerResponse) => void) | undefined;
}

export async function startStoreServer(scope: Scope): Promise<StoreServer> {
  const store: StoreServer = { url: '', content: undefined, requests: [], answer: undefined };
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const body = Buffer.concat(parts).toString('utf8');
    const { method = '', headers } = request;
    store.requests.push({
      method,
      authorization: headers.authorization,
      type: headers['content-type'],
      body,
    });
    if (store.answer) return store.answer(request, response);
    if (method === 'PUT') {
      store.content = body;
      return response.writeHead(204).end();
    }
    if (store.content === undefined) return response.writeHead(404).end();
    response.writeHead(200, { 'content-type': 'application/json' }).end(store.content);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  scope.after(() => {
    server.closeAllConnections();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  });
  store.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/head.json`;
  return store;
}

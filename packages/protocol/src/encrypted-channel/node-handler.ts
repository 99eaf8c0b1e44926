// The endpoint as a listener for node:http, or for any server with the same objects. Reads the body up to the
// limit, and closes the connection of a client that sends more.
import { collectBody } from '../json-body.ts';
import { networkOf } from './address.ts';
import type { EncryptedContext, EncryptedEndpoint } from './endpoint.ts';

/** What is used of an `IncomingMessage` of node:http. */
export interface IncomingRequest extends AsyncIterable<Uint8Array> {
  method?: string | undefined;
  headers: { 'content-length'?: string | undefined };
  socket: { remoteAddress?: string | undefined };
}

/** What is used of a `ServerResponse` of node:http. */
export interface OutgoingResponse {
  shouldKeepAlive: boolean;
  writeHead(status: number, headers: Record<string, string>): unknown;
  end(body: string): unknown;
}

/**
 * Answers requests on any path. The address of the connection has its share of the limits, unless `context`
 * names another, as a server behind a proxy does.
 * @example
 * const handle = createEncryptedHandler(createEncryptedEndpoint({ onMessage }));
 * createServer((request, response) => void handle(request, response)).listen(8080);
 */
export function createEncryptedHandler(
  endpoint: EncryptedEndpoint,
): (request: IncomingRequest, response: OutgoingResponse, context?: EncryptedContext) => Promise<void> {
  const { maxBodyBytes } = endpoint;
  return async (request, response, context = {}) => {
    const { status, headers, body } = await endpoint.handle({
      address: networkOf(request.socket.remoteAddress ?? ''),
      ...context,
      method: request.method ?? '',
      body: () => collectBody(request, { length: request.headers['content-length'], maxBytes: maxBodyBytes }),
    });
    // The rest of a body that is too large is not read.
    if (status === 413) response.shouldKeepAlive = false;
    response.writeHead(status, headers);
    response.end(body);
  };
}

// The endpoint as a listener for node:http, or for any server with the same objects. Reads the body up to the
// limit, and closes the connection of a client that sends more.
import { collectBody, incompleteBody } from '../json-body.ts';
import { networkOf } from './address.ts';
import type { EncryptedContext, EncryptedEndpoint } from './endpoint-types.ts';

/** What is used of an `IncomingMessage` of node:http. */
export interface IncomingRequest {
  method?: string | undefined;
  headers: { 'content-length'?: string | undefined };
  socket: { remoteAddress?: string | undefined };
  on(event: 'data', listener: (chunk: Uint8Array) => void): unknown;
  on(event: 'end', listener: () => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

/** What is used of a `ServerResponse` of node:http. */
export interface OutgoingResponse {
  shouldKeepAlive: boolean;
  writeHead(status: number, headers: Record<string, string>): unknown;
  end(body: string, encoding: 'latin1'): unknown;
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
      body: () => readAll(request, maxBodyBytes),
    });
    // The rest of a body that is too large is not read.
    if (status === 413) response.shouldKeepAlive = false;
    response.writeHead(status, headers);
    response.end(body, 'latin1'); // ASCII only, which takes less time so
  };
}

// By events: an iterator would take as long as the decryption.
function readAll(request: IncomingRequest, maxBytes: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const collected = collectBody(request.headers['content-length'], maxBytes);
    request.on('data', (chunk) => {
      try {
        collected.add(chunk);
      } catch (error) {
        reject(error);
      }
    });
    request.on('end', () => resolve(collected.whole()));
    request.on('error', (cause) => reject(incompleteBody(cause)));
  });
}

// The endpoint as a listener for node:http, or for any server with the same objects. Reads the body up to the
// limit, and closes the connection of a client that sends more.
import { collectBody, incompleteBody } from '../json-body.ts';
import { networkOf } from './address.ts';
import type { EncryptedContext, EncryptedEndpoint } from './endpoint-types.ts';

/** The used part of an `IncomingMessage` of node:http. */
export interface IncomingRequest {
  method?: string | undefined;
  headers: { 'content-length'?: string | undefined };
  socket: { remoteAddress?: string | undefined };
  on(event: 'data', listener: (chunk: Uint8Array) => void): unknown;
  on(event: 'end', listener: () => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

/** The used part of a `ServerResponse` of node:http. */
export interface OutgoingResponse {
  shouldKeepAlive: boolean;
  writeHead(status: number, headers: Record<string, string>): unknown;
  end(body: string, encoding: 'latin1'): unknown;
}

/**
 * Answers requests on any path. Limits count for the address of the connection, unless `context` names
 * another, for example behind a proxy.
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
    response.end(body, 'latin1'); // ASCII only, so latin1 is faster
  };
}

// Uses events, because an iterator would take as long as the decryption.
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

// Converts a request of the HTTP/1.1 reader into the form for an exchange.
import type { ClientRequest } from '../exchange/client-stream.ts';
import { pathAsSent } from '../exchange/reasons.ts';
import type { RequestHead } from '../http1/messages.ts';

/** A repeated head is the same object, and so is its request. */
export function clientRequest(head: RequestHead): ClientRequest {
  head.derived ??= requestOf(head);
  return head.derived as ClientRequest;
}

function requestOf(head: RequestHead): ClientRequest {
  const { method, target, version, fields, host, body, isWebSocket } = head;
  const { authorization, apiKey, dpop, cookies } = head;
  const contentLength = body.kind === 'length' ? body.length : undefined;
  return {
    method,
    target,
    sentPath: pathAsSent(target),
    version,
    fields,
    host,
    contentLength,
    isWebSocket,
    authorization,
    apiKey,
    dpop,
    cookies,
    passed: undefined,
    admission: undefined,
  };
}

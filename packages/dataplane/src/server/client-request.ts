// From what the reader of HTTP/1.1 gives to what an exchange takes.
import type { ClientRequest } from '../exchange/client-stream.ts';
import type { RequestHead } from '../http1/messages.ts';

/** The last request of a connection. A head that repeats the one before is the same object. */
export class LastRequest {
  #head: RequestHead | undefined;
  #request: ClientRequest | undefined;

  of(head: RequestHead): ClientRequest {
    if (this.#request && this.#head === head) return this.#request;
    this.#head = head;
    this.#request = requestOf(head);
    return this.#request;
  }
}

function requestOf(head: RequestHead): ClientRequest {
  const { method, target, version, fields, host, body, isWebSocket } = head;
  const { authorization, apiKey, dpop, cookies } = head;
  const contentLength = body.kind === 'length' ? body.length : undefined;
  return {
    method,
    target,
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
  };
}

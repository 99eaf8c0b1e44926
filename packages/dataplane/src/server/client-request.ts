// From what the reader of HTTP/1.1 gives to what an exchange takes.
import { GatehouseError } from '@gatehouse/access';
import type { ClientRequest } from '../exchange/client-stream.ts';
import { Http1Error } from '../http1/errors.ts';
import type { RequestHead } from '../http1/messages.ts';

export function requestOf(head: RequestHead): ClientRequest {
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

/** Why a request cannot be read. Throws an error that the reader did not raise. */
export function unreadableRequest(error: Error): GatehouseError {
  if (error instanceof GatehouseError) return error;
  if (!(error instanceof Http1Error)) throw error;
  return new GatehouseError(error.code, error.message);
}

// The types of Binary HTTP messages (RFC 9292), for the reader, the writer and their callers.
import { ProtocolError } from '../errors.ts';

/** Names and values in turn: `['accept', '*']`. Names are in lower case. */
export type BinaryFields = string[];

/** Control data and header fields of a request (RFC 9292 §3.4). */
export interface BinaryRequestHead {
  method: string;
  scheme: string;
  /** Empty if there is a field `host` instead. */
  authority: string;
  /** Path and query. */
  path: string;
  fields: BinaryFields;
}

/** Status and header fields of a response (RFC 9292 §3.5). */
export interface BinaryResponseHead {
  status: number;
  fields: BinaryFields;
}

/** The framing indicators (RFC 9292 §3.3). */
export const KNOWN_REQUEST = 0;
export const KNOWN_RESPONSE = 1;
export const INDETERMINATE_REQUEST = 2;
export const INDETERMINATE_RESPONSE = 3;

/**
 * Octets that are not a message. The detail says where, for the log of the receiver.
 * @example
 * if (error instanceof BinaryHttpError) refuse();
 */
export class BinaryHttpError extends ProtocolError<
  'binary_http_invalid' | 'binary_http_truncated' | 'binary_http_too_large'
> {}

export function invalidMessage(detail: string): BinaryHttpError {
  return new BinaryHttpError('binary_http_invalid', detail);
}

export function truncatedMessage(): BinaryHttpError {
  return new BinaryHttpError('binary_http_truncated', 'The message ends too early.');
}

export function largeMessage(detail: string): BinaryHttpError {
  return new BinaryHttpError('binary_http_too_large', detail);
}

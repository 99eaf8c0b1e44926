// The text in the log for a request that failed.
import { GatehouseError } from '@gatehouse/access';

/** A target that is not a path may contain a password, and the text after ? or # a token. */
export function pathAsSent(target: string): string {
  if (!target.startsWith('/')) return '';
  const end = target.search(/[?#]/);
  return end < 0 ? target : target.slice(0, end);
}

export function tooLarge(maxBytes: number): GatehouseError {
  return new GatehouseError('content_too_large', `The body is too large: send at most ${maxBytes} bytes.`);
}

/** The client cannot change this, so the answer gives no details. */
export function tooLargeToSign(maxBytes: number): GatehouseError {
  const cause = new Error(`the answer has more than ${maxBytes} bytes, so it cannot be signed`);
  return new GatehouseError('upstream_failed', 'The upstream sent an answer that is too large to sign.', {
    cause,
  });
}

export function failureReason(error: Error): string {
  const cause = error.cause instanceof Error ? `: ${error.cause.message}` : '';
  return error instanceof GatehouseError ? `${error.code}${cause}` : error.message;
}

// Takes the body of a sealed request, opens it, and returns the request inside. There are two ways: whole,
// and in chunks while it arrives.
import type { ClientRequest } from '../exchange/client-stream.ts';
import type { FieldList } from '../http1/messages.ts';
import type { SealedAnswer } from './sealed-answer.ts';
import type { SealedStream } from './sealed-stream.ts';

/** The request inside, and the way to seal its answer. */
export interface Inner {
  request: ClientRequest;
  /** The reason for the refusal; undefined if it is accepted. */
  refused: unknown;
  answer: SealedAnswer;
  /** The received part of its content. */
  parts: readonly Uint8Array[];
  /** Undefined if more content follows. */
  trailers: FieldList | undefined;
}

/**
 * Serves the request inside, and takes the rest of its content. Undefined if the connection cannot serve more
 * requests.
 */
export type ServeInner = (inner: Inner) => SealedStream | undefined;

export interface Intake {
  /** Copies octets of the body. Throws or rejects if there is no memory or they cannot be opened. */
  take(octets: Uint8Array): Promise<void> | undefined;
  /** The body is complete. Rejects if it was truncated. */
  complete(): Promise<void>;
  /** Releases its memory. */
  close(): void;
}

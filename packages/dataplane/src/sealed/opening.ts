// The common part of both ways of opening: reads the request inside, and checks that it is new and for one of
// our hosts.
import type { BinaryReadLimits, BinaryRequestHead } from '@gatehouse/protocol';
import type { ClientRequest, ClientStream } from '../exchange/client-stream.ts';
import { fieldValue } from '../exchange/field-value.ts';
import type { SealedUse } from './freshness.ts';
import { innerRequest } from './inner-request.ts';

export interface OpeningDeps {
  limits(): BinaryReadLimits;
  /** Throws or rejects if the request is not new. */
  requireFresh(use: SealedUse): Promise<void>;
  isServed(host: string): boolean;
}

export interface Examined {
  request: ClientRequest;
  /** Why the request is refused; undefined if it is not. */
  refused: unknown;
}

/** The request inside. `head` is undefined, and `error` says why, if it cannot be read. */
export async function examine(
  { requireFresh, isServed }: Pick<OpeningDeps, 'requireFresh' | 'isServed'>,
  outer: ClientStream,
  inner: { head: BinaryRequestHead; length: number | undefined; encapsulated: Uint8Array },
): Promise<Examined> {
  const { head, length, encapsulated } = inner;
  const ownHost = outer.request.host;
  try {
    const party = outer.client.address;
    await requireFresh({ date: fieldValue(head.fields, 'date'), encapsulated, party });
    const request = innerRequest(head, length, (host) => host === ownHost || isServed(host));
    return { request, refused: undefined };
  } catch (error) {
    return refusedRequest(outer, error);
  }
}

/** If the inner request cannot be served, the log has the request of the connection. */
export function refusedRequest(outer: ClientStream, error: unknown): Examined {
  const request = { ...outer.request, contentLength: 0, passed: undefined };
  return { request, refused: error };
}

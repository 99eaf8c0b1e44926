// `message/ohttp-chunked-req` (draft-ietf-ohai-chunked-ohttp-08): each chunk is opened when it arrives, and
// its content is forwarded at once. If the last chunk is missing, the request is aborted.

import type { BinaryRequestHead, OpenedChunkedRequest } from '@gatehouse/protocol';
import {
  createChunkedReader,
  headLength,
  type ObliviousKey,
  openChunkedRequest,
  readBinaryRequest,
} from '@gatehouse/protocol';
import type { ClientStream } from '../exchange/client-stream.ts';
import type { FieldList } from '../http1/messages.ts';
import type { Intake, ServeInner } from './intake.ts';
import type { OpeningDeps } from './opening.ts';
import { examine } from './opening.ts';
import { ChunkedAnswer } from './sealed-answer.ts';
import type { SealedStream } from './sealed-stream.ts';

export interface ChunkedIntakeDeps extends OpeningDeps {
  keys: readonly ObliviousKey[];
  /** Queues work that needs much processor time, and runs it in order. Rejects with `unavailable`. */
  inTurn<T>(work: () => T | Promise<T>): Promise<T>;
}

export function createChunkedIntake(outer: ClientStream, deps: ChunkedIntakeDeps, serve: ServeInner): Intake {
  let opened: OpenedChunkedRequest | undefined;
  let found: { head: BinaryRequestHead; length: number | undefined } | undefined;
  let stream: SealedStream | undefined;
  let isServed = false;
  /** The content that arrives with the head. */
  let parts: Uint8Array[] = [];
  let trailers: FieldList | undefined;
  let last: Promise<void> = Promise.resolve();

  const message = readBinaryRequest(deps.limits(), {
    head: (head, length) => {
      found = { head, length };
    },
    content(octets) {
      if (!isServed) parts.push(Uint8Array.from(octets));
      else stream?.part(Uint8Array.from(octets));
    },
    complete(read) {
      if (!isServed) trailers = read;
      else stream?.complete(read);
    },
  });
  const reader = createChunkedReader(
    {
      headLength,
      async opener(head) {
        opened = await deps.inTurn(() => openChunkedRequest(deps.keys, head));
        return opened;
      },
    },
    { octets: (octets) => message.read(octets) },
  );

  async function serveFound(): Promise<void> {
    if (isServed || !found || !opened) return;
    const { encapsulated, respond } = opened;
    const examined = await examine(deps, outer, { ...found, encapsulated });
    isServed = true;
    stream = serve({ ...examined, answer: new ChunkedAnswer(outer, respond), parts, trailers });
    parts = [];
  }

  async function end(): Promise<void> {
    await reader.end();
    message.end();
    await serveFound();
  }

  function after(work: () => Promise<void>): Promise<void> {
    last = last.then(work);
    return last;
  }

  return {
    take(octets) {
      const own = Uint8Array.from(octets);
      return after(async () => {
        await reader.read(own);
        await serveFound();
      });
    },
    complete: () => after(end),
    close() {},
  };
}

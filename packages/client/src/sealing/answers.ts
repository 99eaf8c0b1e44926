// Opens sealed answers: whole ones, and chunked ones while they arrive.
import type { BinaryResponseHead, ChunkedRequest, SealedRequest } from '@gatehouse/protocol';
import { ProtocolError, readBinaryResponse } from '@gatehouse/protocol';
import { readableOf } from '../http/lazy-response.ts';
import type { HttpRequest } from '../http/middleware.ts';
import { broken } from './errors.ts';
import { responseOf } from './inner-message.ts';

const LIMITS = { maxHeadBytes: 65_536, maxFields: 1000, maxPaddingBytes: 2 ** 30 };

/** Rejects with `ClientError` `seal_broken`. */
export async function openWhole(
  response: Response,
  sealed: Pick<SealedRequest, 'openResponse'>,
  request: HttpRequest,
): Promise<Response> {
  const octets = new Uint8Array(await response.arrayBuffer());
  return opened(async () => {
    const message = createMessage();
    message.reader.read(await sealed.openResponse(octets));
    message.reader.end();
    return responseOf(message.head(), Uint8Array.from(Buffer.concat(message.parts)), request);
  });
}

/** Resolves with the header. The content is a stream, which fails if the answer was truncated. */
export async function openChunked(
  response: Response,
  sealed: Pick<ChunkedRequest, 'readResponse'>,
  request: HttpRequest,
): Promise<Response> {
  const message = createMessage();
  const chunks = sealed.readResponse({ octets: (octets) => message.reader.read(octets) });
  const source = readableOf(response)[Symbol.asyncIterator]();

  /** False after the last octets. */
  const advance = () =>
    opened(async () => {
      const { done, value } = await source.next();
      if (!done) {
        await chunks.read(value as Uint8Array);
        return true;
      }
      await chunks.end();
      message.reader.end();
      return false;
    });

  while (!message.hasHead()) await advance();
  const content = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      let isOpen = true;
      while (message.parts.length === 0 && isOpen) isOpen = await advance();
      for (const part of message.parts.splice(0)) controller.enqueue(part);
      if (!isOpen) controller.close();
    },
    async cancel() {
      await source.return?.();
    },
  });
  return responseOf(message.head(), content, request);
}

function createMessage() {
  let head: BinaryResponseHead | undefined;
  const parts: Uint8Array<ArrayBuffer>[] = [];
  const reader = readBinaryResponse(LIMITS, {
    head: (read) => {
      head = read;
    },
    content: (part) => parts.push(Uint8Array.from(part)),
    complete() {},
  });
  return { reader, parts, hasHead: () => head !== undefined, head: () => head as BinaryResponseHead };
}

async function opened<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ProtocolError) throw broken('it was changed or truncated on the way', error);
    throw error;
  }
}

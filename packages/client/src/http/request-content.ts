// The content of a request, ready to send.
import { Readable } from 'node:stream';
import type { RequestContent } from './middleware.ts';

export interface Content {
  content: RequestContent;
  type?: string;
  /** Octets, if known and not in memory. */
  length?: number;
  replayable: boolean;
}

/** A stream that was sent already would be sent as nothing, and could replace a file by an empty one. */
export function requireUnread(stream: unknown): void {
  const isOver =
    stream instanceof Readable
      ? stream.readableEnded || stream.destroyed
      : stream instanceof ReadableStream &&
        (stream.locked || Readable.isDisturbed(stream as unknown as NodeJS.ReadableStream));
  if (isOver)
    throw new TypeError('the stream of the content has been read already: give a new one, or octets');
}

// Reads bodies: whole, as text, and as a web stream.
import type { Readable } from 'node:stream';
import { ReadableStream } from 'node:stream/web';
import { ClientError } from '../errors.ts';

/** All octets of a stream, up to the limit. */
export function collect(readable: Readable, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    readable.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > limit) readable.destroy(tooLarge(limit));
      else chunks.push(chunk);
    });
    readable.on('error', reject);
    readable.on('end', () =>
      resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, size)),
    );
    readable.on('close', () => {
      if (!readable.readableEnded) reject(endedEarly());
    });
  });
}

function endedEarly(): ClientError {
  return new ClientError('disconnected', 'the answer ended before it was complete: try again');
}

function tooLarge(limit: number): ClientError {
  const message = `the answer has more than ${limit} octets: read it as a stream, or raise limits.bodyBytes`;
  return new ClientError('limit', message);
}

export function toWeb(readable: Readable, used: () => void): ReadableStream<Uint8Array> {
  const iterator = readable[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        used();
        const { done, value } = await iterator.next();
        if (done) controller.close();
        else controller.enqueue(new Uint8Array(value));
      },
      cancel() {
        used();
        readable.destroy();
      },
    },
    { highWaterMark: 0 },
  );
}

/** The same as TextDecoder, which takes longer to create. */
export function textOf(octets: Buffer): string {
  const text = octets.toString('utf8');
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}

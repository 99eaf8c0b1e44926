// Reads a given number of octets from a stream of chunks of any length.
import type { Bytes } from './crypto/primitives.ts';

export interface OctetReader {
  /** This many octets; fewer only at the end of the stream. */
  read(length: number): Promise<Bytes>;
  /** Ends the source, if it has not ended. */
  close(): Promise<void>;
}

export function createOctetReader(source: AsyncIterable<Uint8Array>): OctetReader {
  const chunks = source[Symbol.asyncIterator]();
  let chunk: Uint8Array = new Uint8Array(0);
  let isEnded = false;

  async function more(): Promise<boolean> {
    while (chunk.length === 0 && !isEnded) {
      const { done, value } = await chunks.next();
      isEnded = done === true;
      if (!isEnded) chunk = value;
    }
    return chunk.length > 0;
  }

  return {
    async read(length) {
      const octets = new Uint8Array(length);
      let filled = 0;
      while (filled < length && (await more())) {
        const taken = chunk.subarray(0, length - filled);
        octets.set(taken, filled);
        filled += taken.length;
        chunk = chunk.subarray(taken.length);
      }
      return octets.subarray(0, filled);
    },
    async close() {
      if (!isEnded) await chunks.return?.();
      isEnded = true;
    },
  };
}

// Reads a stream in pieces of any size, independent of the pieces in which it arrives.

export interface OctetReader {
  /** The next `length` octets; fewer only at the end of the stream. */
  next(length: number): Promise<Buffer>;
  /** Releases the stream before its end. */
  close(): Promise<void>;
}

export function createOctetReader(source: AsyncIterable<Uint8Array>): OctetReader {
  const arriving = source[Symbol.asyncIterator]();
  let waiting: Uint8Array[] = [];
  let size = 0;
  let ended = false;

  async function gather(length: number): Promise<void> {
    while (size < length && !ended) {
      const { done, value } = await arriving.next();
      if (done) ended = true;
      else {
        waiting.push(value);
        size += value.length;
      }
    }
  }

  return {
    async next(length) {
      await gather(length);
      const all = waiting.length === 1 && waiting[0] ? bufferOf(waiting[0]) : Buffer.concat(waiting);
      const taken = all.subarray(0, length);
      const rest = all.subarray(length);
      waiting = rest.length === 0 ? [] : [rest];
      size = rest.length;
      return taken;
    },
    async close() {
      await arriving.return?.();
    },
  };
}

function bufferOf(octets: Uint8Array): Buffer {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);
}

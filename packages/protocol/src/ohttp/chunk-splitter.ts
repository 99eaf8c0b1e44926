// Splits the octets of a chunked message into its sealed chunks. Each has its length before it. A length of 0
// means that the last chunk follows, up to the end (draft-ietf-ohai-chunked-ohttp-08 §4).

import { readVarint, varintLength } from '../binary-http/varint.ts';
import { CollectedBytes } from '../collected-bytes.ts';
import { invalidSealed } from './errors.ts';

/**
 * Receivers must accept chunks of 16,384 octets, and senders should not send larger ones (§3).
 * @example
 * const part = octets.subarray(0, MAX_CHUNK);
 */
export const MAX_CHUNK = 16_384;
/** Larger than any chunk that a sender should send, with its tag. */
const MAX_SEALED_CHUNK = 65_552;

export interface ChunkSplitter {
  /** The chunks that these octets complete. Throws `ObliviousError` for one that is too long. */
  take(octets: Uint8Array): Uint8Array[];
  /** The last chunk; undefined if the message was truncated before it. */
  end(): Uint8Array | undefined;
}

export function createChunkSplitter(): ChunkSplitter {
  const held = new CollectedBytes();
  /** The octets needed for the next step. */
  let needed = 1;
  let isLast = false;

  function limit(length: number): void {
    if (length > MAX_SEALED_CHUNK) throw invalidSealed();
  }

  return {
    take(octets) {
      held.add(octets);
      if (isLast) limit(held.length);
      if (isLast || held.length < needed) return [];
      const all = held.take();
      const chunks: Uint8Array[] = [];
      let at = 0;
      needed = 1;
      while (!isLast && at < all.length) {
        const lengthOctets = varintLength(all[at] as number);
        needed = lengthOctets;
        if (all.length - at < lengthOctets) break;
        const length = readVarint(all, at) ?? Number.POSITIVE_INFINITY;
        limit(length);
        isLast = length === 0;
        needed = lengthOctets + length;
        if (!isLast && all.length - at < needed) break;
        chunks.push(all.subarray(at + lengthOctets, at + needed));
        at += needed;
        needed = 1;
      }
      if (isLast) chunks.pop();
      held.add(all.subarray(at));
      if (isLast) limit(held.length);
      return chunks;
    },
    end: () => (isLast ? held.take() : undefined),
  };
}

// Memory for octets that live briefly. A buffer for each message costs more than decoding the message, so
// many messages share one buffer.
import type { Bytes } from './crypto/primitives.ts';

/** Allocates octets from buffers of `size` octets. Those that do not fit in one get a buffer of their own. */
export function createSlab(size: number): (length: number) => Bytes {
  let slab = new Uint8Array(0);
  let used = 0;
  return (length) => {
    if (length > size) return new Uint8Array(length);
    if (used + length > slab.length) {
      slab = new Uint8Array(size);
      used = 0;
    }
    used += length;
    return slab.subarray(used - length, used);
  };
}

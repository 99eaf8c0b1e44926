// Padding: the length of a sealed message tells only which bucket its content falls into.
import type { Bytes } from '../crypto/primitives.ts';

const SMALLEST = 512;
/** Up to this, buckets double. Above, they are this far apart. */
const STEP = 65_536;

/**
 * The length of the bucket for so many octets: 512, then the double, up to 64 KiB, then multiples of that.
 * @example
 * paddedLength(700); // 1024
 */
export function paddedLength(length: number): number {
  if (length > STEP) return Math.ceil(length / STEP) * STEP;
  let bucket = SMALLEST;
  while (bucket < length) bucket *= 2;
  return bucket;
}

/**
 * The message with zeros after it (RFC 9292 §3.8), up to the length of its bucket.
 * @example
 * const padded = padMessage(writeBinaryRequest(head));
 */
export function padMessage(message: Uint8Array): Bytes {
  const padded = new Uint8Array(paddedLength(message.length));
  padded.set(message);
  return padded;
}

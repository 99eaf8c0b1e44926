// Padding: the length of a sealed message shows only the bucket of its content's length.
import type { Bytes } from '../crypto/primitives.ts';

const SMALLEST = 512;
/** Up to this size, each bucket is twice the previous one. Above it, buckets are multiples of this size. */
const STEP = 65_536;

/**
 * The length of the bucket for this many octets: 512, doubled up to 64 KiB, then multiples of 64 KiB.
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
 * The message, padded with zeros (RFC 9292 §3.8) to the length of its bucket.
 * @example
 * const padded = padMessage(writeBinaryRequest(head));
 */
export function padMessage(message: Uint8Array): Bytes {
  const padded = new Uint8Array(paddedLength(message.length));
  padded.set(message);
  return padded;
}

// Gets many random octets from a generator at once, because one call takes longer than encrypting a short
// message.
import type { RandomBytes } from './primitives.ts';

const IN_ADVANCE = 512;

/** Returns no octet twice. */
export function randomInAdvance(random: RandomBytes): RandomBytes {
  let batch = new Uint8Array(0);
  let used = 0;
  return (length) => {
    if (used + length > batch.length) {
      batch = random(Math.max(IN_ADVANCE, length));
      used = 0;
    }
    used += length;
    return batch.subarray(used - length, used);
  };
}

// Limits how many octets of messages are in memory at the same time. A message is opened only when it is
// complete, so each request uses a part of this memory until it is answered.
import { GatehouseError } from '@gatehouse/access';

export interface Buffers {
  /** Throws `unavailable` if there is not enough memory left. */
  take(bytes: number): void;
  release(bytes: number): void;
}

/** At most `limit` bytes. */
export function createBuffers(limit: number): Buffers {
  let taken = 0;
  return {
    take(bytes) {
      if (taken + bytes > limit) {
        throw new GatehouseError(
          'unavailable',
          'The gateway has no free memory for this message at the moment: try again soon.',
        );
      }
      taken += bytes;
    },
    release(bytes) {
      taken -= bytes;
    },
  };
}

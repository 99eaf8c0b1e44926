// Starts garbage collection while bodies pass. Their chunks lie outside V8's heap, so V8 sees no need to
// collect: after 100 MB of bodies, up to 70 MB stay behind in a worker. The chunks are all young, so a
// collection of the young generation every few megabytes keeps workers small.
import { collectGarbage } from '../platform/garbage.ts';

const BYTES_BETWEEN_COLLECTIONS = 8 * 1024 * 1024;

/** Called with every chunk that passes. */
export type BodyPassed = (chunk: { length: number }) => void;

export function createBodyGarbage(): BodyPassed {
  let bytes = 0;
  return (chunk) => {
    bytes += chunk.length;
    if (bytes < BYTES_BETWEEN_COLLECTIONS) return;
    bytes = 0;
    collectGarbage({ type: 'minor' });
  };
}

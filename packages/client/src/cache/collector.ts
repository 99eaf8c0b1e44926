// Copies content while another reader reads it, up to a size.
import type { Tap } from '../network/incoming-body.ts';

/** Calls `done` with the whole content, or with undefined if it is too large or incomplete. */
export function createCollector(maxBytes: number, done: (content: Uint8Array | undefined) => void): Tap {
  const chunks: Buffer[] = [];
  let size = 0;
  let isOver = false;
  const finish = (content: Uint8Array | undefined) => {
    if (!isOver) done(content);
    isOver = true;
  };
  return {
    take(chunk) {
      size += chunk.length;
      if (size > maxBytes) finish(undefined);
      if (!isOver) chunks.push(Buffer.from(chunk));
      else chunks.length = 0;
    },
    end: () => finish(isOver ? undefined : Buffer.concat(chunks)),
    fail: () => finish(undefined),
  };
}

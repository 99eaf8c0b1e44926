// Counts the octets of one exchange, for the caller’s progress.
import type { HttpRequest } from '../http/middleware.ts';

/** Counts for one exchange. Both functions take the size of a piece. */
export interface ProgressCounter {
  sent(bytes: number): void;
  received(bytes: number, total: number | undefined): void;
}

/** Undefined if no one asks for it. */
export function countProgress({ onProgress, headers, content }: HttpRequest): ProgressCounter | undefined {
  if (onProgress === undefined) return undefined;
  const length = headers.get('content-length');
  const upTotal = length === null ? sizeOf(content) : Number(length);
  let up = 0;
  let down = 0;
  return {
    sent(bytes) {
      up += bytes;
      onProgress({ direction: 'up', bytes: up, total: upTotal });
    },
    received(bytes, total) {
      down += bytes;
      onProgress({ direction: 'down', bytes: down, total });
    },
  };
}

function sizeOf(content: HttpRequest['content']): number | undefined {
  return typeof content === 'string' || content instanceof Uint8Array
    ? Buffer.byteLength(content)
    : undefined;
}

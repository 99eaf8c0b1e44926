// A socket to an upstream without TLS that continues to read after a write has failed. An upstream that
// answers early may reset the connection after its answer. Node would then destroy the socket with the unread
// answer. Reading ends by itself at that reset.
import { Socket } from 'node:net';

type Written = (error?: Error | null) => void;

export class UpstreamSocket extends Socket {
  override _write(chunk: unknown, encoding: BufferEncoding, callback: Written): void {
    super._write(chunk, encoding, unlessReset(callback));
  }

  override _writev(chunks: { chunk: unknown; encoding: BufferEncoding }[], callback: Written): void {
    super._writev?.(chunks, unlessReset(callback));
  }
}

/** After a reset, nothing more can be written. So this write never completes, and no other begins. */
function unlessReset(callback: Written): Written {
  return (error) => {
    const { code = '' } = (error ?? {}) as NodeJS.ErrnoException;
    if (code !== 'EPIPE' && code !== 'ECONNRESET') callback(error);
  };
}

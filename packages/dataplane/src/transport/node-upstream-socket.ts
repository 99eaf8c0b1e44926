// A socket to an upstream without TLS that continues to read after a write has failed. An upstream that
// answers early may reset the connection after its answer: Node would destroy the socket, and with it the
// answer that waits to be read. Reading ends with that reset by itself.
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

/** After a reset, nothing more can be written. So the write never ends, and no other begins. */
function unlessReset(callback: Written): Written {
  return (error) => {
    const { code = '' } = (error ?? {}) as NodeJS.ErrnoException;
    if (code !== 'EPIPE' && code !== 'ECONNRESET') callback(error);
  };
}

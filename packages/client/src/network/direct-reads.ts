// Lets undici parse octets in the buffer that received them. Node would allocate a buffer for each read,
// which costs more than the rest of a download. Octets that the parser does not take at once are copied, and
// the socket waits.
import type { Socket } from 'node:net';

export interface DirectReads {
  /** For `net.connect` and `tls.connect`. */
  onread: { buffer: Uint8Array; callback(size: number, buffer: Uint8Array): boolean };
  /** Makes `read` of the socket return the received octets. */
  attach(socket: Socket): void;
}

/**
 * For one socket. Sockets can share `buffer`, because each piece is parsed or copied before the next one
 * comes. So a handler of undici must copy the octets that it needs later.
 */
export function createDirectReads(buffer: Buffer): DirectReads {
  let socket: Socket | undefined;
  let received: Buffer | undefined;
  let isStopped = false;
  /** Octets that the parser has not taken, in order. TLS delivers some after it was paused. */
  const left: Buffer[] = [];

  function take(): Buffer | null {
    if (left.length > 0) return left.shift() as Buffer;
    const piece = received ?? null;
    received = undefined;
    return piece;
  }

  return {
    onread: {
      buffer,
      callback(size) {
        const piece = buffer.subarray(0, size);
        if (left.length === 0) {
          received = piece;
          socket?.emit('readable');
          if (received !== undefined) left.push(Buffer.from(received));
          received = undefined;
        } else {
          left.push(Buffer.from(piece));
        }
        isStopped = left.length > 0;
        return !isStopped;
      },
    },
    attach(opened) {
      socket = opened;
      const { read } = opened;
      opened.read = (size?: number) => {
        if (size === 0 && left.length > 0) process.nextTick(() => opened.emit('readable'));
        if (size === 0) return read.call(opened, 0);
        const piece = take();
        if (piece === null && isStopped) {
          isStopped = false;
          read.call(opened, 0); // reads from the network again
        }
        return piece;
      };
      opened.unshift = (piece: Buffer) => {
        if (piece.length > 0) left.unshift(Buffer.from(piece));
      };
    },
  };
}

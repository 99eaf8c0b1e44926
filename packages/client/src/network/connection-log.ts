// Times each step of opening a connection, for the request that needed it.
import type { Socket } from 'node:net';
import type { Now } from '../http/now.ts';

/** Milliseconds. Undefined for a step that did not happen: an address needs no DNS, plain HTTP no TLS. */
export interface ConnectionTimes {
  dnsMs: number | undefined;
  connectMs: number | undefined;
  tlsMs: number | undefined;
  /** The address of the other end. */
  address: string | undefined;
}

export interface ConnectionLog {
  /** Times a socket that begins to connect. Call the result when the connection is ready. */
  follow(socket: Socket): () => void;
  /** The times of the newest connection. Returns them once. */
  take(): ConnectionTimes | undefined;
}

/**
 * undici sends the waiting request as soon as its connection is open, so the last connection is that of this
 * request.
 */
export function createConnectionLog(now: Now): ConnectionLog {
  let opened: ConnectionTimes | undefined;
  return {
    follow(socket) {
      const from = now();
      let resolved: number | undefined;
      let connected: number | undefined;
      socket.once('lookup', () => {
        resolved = now();
      });
      socket.once('connect', () => {
        connected = now();
      });
      return () => {
        const isSecure = 'encrypted' in socket && connected !== undefined;
        const times = {
          dnsMs: resolved === undefined ? undefined : resolved - from,
          connectMs: connected === undefined ? undefined : connected - (resolved ?? from),
          tlsMs: isSecure ? now() - (connected ?? from) : undefined,
          address: socket.remoteAddress,
        };
        opened = times;
        setImmediate(() => {
          if (opened === times) opened = undefined;
        });
      };
    },
    take() {
      const times = opened;
      opened = undefined;
      return times;
    },
  };
}

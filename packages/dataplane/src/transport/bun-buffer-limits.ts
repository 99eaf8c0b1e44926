// Limits how much of a body waits in the buffers of sockets. Only on Linux; on other systems these functions
// do nothing.
//
// Bun reads up to 512 KB at once. If a client is slow, these octets wait in our memory. So for an upstream on
// this machine, the receive buffer of the socket is small: with 2,000 slow readers, this needs 200 MB instead
// of 800 MB. For other upstreams, the operating system sizes the buffer for the distance.
//
// For a client, the system would buffer up to 4 MB of unsent octets. A few hundred slow readers would then
// use all memory for TCP, and slow down every connection.
import { platform } from 'node:os';
import type { BunSocket } from './bun-api.ts';
import type { ReadSize } from './transport.ts';

// Linux doubles it. A larger buffer is a little faster: 6 % with twice the size.
const RECEIVE_BUFFER_OCTETS: Record<ReadSize, number> = { ordinary: 64 * 1024, small: 16 * 1024 };
const UNSENT_OCTETS = 128 * 1024;
// <sys/socket.h>, <netinet/tcp.h>
const SOL_SOCKET = 1;
const SO_RCVBUF = 8;
const IPPROTO_TCP = 6;
const TCP_NOTSENT_LOWAT = 25;
const C_LIBRARIES = ['libc.so.6', 'libc.so'];

export interface BufferLimits {
  /** For the connection to an upstream. Does nothing for one on another machine. */
  upstream(socket: BunSocket<unknown>, reads: ReadSize): void;
  /** For the connection of a client. */
  client(socket: BunSocket<unknown>): void;
}

interface Ffi {
  dlopen(
    library: string,
    symbols: { setsockopt: { args: string[]; returns: string } },
  ): { symbols: { setsockopt(...values: unknown[]): number } };
  ptr(memory: Int32Array): unknown;
}

/** Bun has no functions for these options, so this calls the C library. */
export async function createBufferLimits(): Promise<BufferLimits> {
  if (platform() !== 'linux') return { upstream() {}, client() {} };
  const name = 'bun:ffi';
  const ffi: Ffi = await import(name);
  const setsockopt = openLibrary(ffi);
  const receive = {
    ordinary: Int32Array.of(RECEIVE_BUFFER_OCTETS.ordinary),
    small: Int32Array.of(RECEIVE_BUFFER_OCTETS.small),
  };
  const unsent = Int32Array.of(UNSENT_OCTETS);
  return {
    upstream(socket, reads) {
      if (!isLocal(socket.remoteAddress)) return;
      setsockopt(socket.fd, SOL_SOCKET, SO_RCVBUF, ffi.ptr(receive[reads]), receive[reads].byteLength);
    },
    client(socket) {
      setsockopt(socket.fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, ffi.ptr(unsent), unsent.byteLength);
    },
  };
}

function isLocal(address: string | undefined): boolean {
  return address !== undefined && (address.startsWith('127.') || address === '::1');
}

// The second name is that of musl.
function openLibrary(ffi: Ffi) {
  const symbols = { setsockopt: { args: ['i32', 'i32', 'i32', 'ptr', 'u32'], returns: 'i32' } };
  const failures: unknown[] = [];
  for (const library of C_LIBRARIES) {
    try {
      return ffi.dlopen(library, symbols).symbols.setsockopt;
    } catch (error) {
      failures.push(error);
    }
  }
  throw new AggregateError(failures, 'Bun cannot open the C library.');
}

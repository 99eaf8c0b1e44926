// Bun reads up to 512 KB at once, and what a slow client does not take of it waits in our memory. From an
// upstream on this machine, the receive buffer of the socket is kept small instead: with 2,000 slow readers,
// this makes 200 MB of 800 MB. Others keep the buffer that the operating system grows to fit the distance.
import { platform } from 'node:os';
import type { BunSocket } from './bun-api.ts';

// Linux doubles it. Larger buffers transfer a little faster: 6 % with twice as much.
const RECEIVE_BUFFER_OCTETS = 64 * 1024;
// <sys/socket.h>
const SOL_SOCKET = 1;
const SO_RCVBUF = 8;
const C_LIBRARIES = ['libc.so.6', 'libc.so'];

/** Does nothing for an upstream on another machine. */
export type ReadLimit = (socket: BunSocket<unknown>) => void;

interface Ffi {
  dlopen(
    library: string,
    symbols: { setsockopt: { args: string[]; returns: string } },
  ): { symbols: { setsockopt(...values: unknown[]): number } };
  ptr(memory: Int32Array): unknown;
}

/** Bun has no function for the size of the buffer, so this calls the C library. Only on Linux. */
export async function createReadLimit(): Promise<ReadLimit> {
  if (platform() !== 'linux') return () => {};
  const name = 'bun:ffi';
  const ffi: Ffi = await import(name);
  const setsockopt = openLibrary(ffi);
  const size = Int32Array.of(RECEIVE_BUFFER_OCTETS);
  return (socket) => {
    if (!isLocal(socket.remoteAddress)) return;
    setsockopt(socket.fd, SOL_SOCKET, SO_RCVBUF, ffi.ptr(size), size.byteLength);
  };
}

function isLocal(address: string | undefined): boolean {
  return address !== undefined && (address.startsWith('127.') || address === '::1');
}

// The second is that of musl.
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

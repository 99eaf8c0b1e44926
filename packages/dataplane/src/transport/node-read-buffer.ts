// Lets the sockets of a TLS server read into one buffer that all of them share. Node has that for sockets
// that we open, as the option `onread`, but gives us no way to set it for those that a server accepts. So
// this sets what the option would set. Without it, each read allocates memory. Where Node's insides are not
// as expected, the socket emits `data` as usual.
import type { Socket } from 'node:net';

const READ_OCTETS = 64 * 1024;

type Received = (socket: Socket, octets: Uint8Array) => void;

/** What the option `onread` sets in a socket. */
interface Insides {
  buffer: symbol;
  callback: symbol;
}

interface Handle {
  useUserBuffer?(buffer: Uint8Array): void;
}

/**
 * Returns the function that prepares a socket before it reads. `received` then gets the octets, which are
 * valid only during the call.
 */
export function createReadBuffer(received: Received): (socket: Socket) => void {
  const buffer = new Uint8Array(READ_OCTETS);
  let insides: Insides | undefined;

  // Node calls it as a method of the socket.
  function onRead(this: Socket, count: number): boolean {
    received(this, buffer.subarray(0, count));
    return true;
  }

  return (socket) => {
    const { _handle: handle } = socket as Socket & { _handle?: Handle };
    insides ??= insidesOf(socket);
    if (!insides || typeof handle?.useUserBuffer !== 'function') return;
    Object.assign(socket, { [insides.buffer]: buffer, [insides.callback]: onRead });
    handle.useUserBuffer(buffer);
  };
}

function insidesOf(socket: Socket): Insides | undefined {
  const symbols = Object.getOwnPropertySymbols(socket);
  const named = (name: string) => symbols.find(({ description }) => description === name);
  const [buffer, callback] = [named('kBuffer'), named('kBufferCb')];
  return buffer && callback && { buffer, callback };
}

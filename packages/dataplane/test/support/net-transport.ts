// A transport over plain TCP, for tests of code that uses transports.
import type { AddressInfo, Server, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import type { Connection, ConnectionEvents, Target } from '../../src/transport/transport.ts';

export async function listenPlain(
  accept: (connection: Connection) => ConnectionEvents,
): Promise<{ port: number; server: Server }> {
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    const connection = connectionOf(socket);
    follow(socket, accept(connection));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, server };
}

export const plainTransport = {
  connect({ address }: Target, events: ConnectionEvents): Connection {
    const where = 'path' in address ? { path: address.path } : address;
    const socket = connect({ ...where, allowHalfOpen: true, noDelay: true });
    socket.once('connect', () => events.opened?.());
    follow(socket, events);
    return connectionOf(socket);
  },
};

function follow(socket: Socket, events: ConnectionEvents): void {
  let failure: Error | undefined;
  socket.on('error', (error) => {
    failure = error;
  });
  socket.on('data', (octets: Buffer) => events.data(octets));
  socket.on('drain', () => events.drained());
  socket.on('end', () => events.ended());
  socket.on('close', () => events.closed(failure));
}

function connectionOf(socket: Socket): Connection {
  return {
    address: socket.remoteAddress ?? '',
    tls: undefined,
    write(octets) {
      if (socket.writableEnded || socket.destroyed) return true;
      if (typeof octets === 'string') return socket.write(octets, 'latin1');
      return socket.write(Uint8Array.from(octets));
    },
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    end: () => void socket.end(),
    destroy: () => void socket.destroy(),
  };
}

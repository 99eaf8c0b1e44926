// A TCP server on 127.0.0.1 for upstreams that answer octet by octet.
import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:net';

export interface TcpServer {
  /** `http://127.0.0.1:PORT` */
  origin: string;
  /** The open connections. */
  sockets: ReadonlySet<Socket>;
  /** Connections so far. */
  connections(): number;
  /** Ends all connections. */
  close(): Promise<void>;
}

/** `accept` gets each connection. The other side may end one at any time. */
export function startTcpServer(accept: (socket: Socket) => void): Promise<TcpServer> {
  let connections = 0;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    accept(socket);
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () =>
      resolve({
        origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        sockets,
        connections: () => connections,
        close: () =>
          new Promise((closed) => {
            server.close(() => closed());
            for (const socket of sockets) socket.destroy();
          }),
      }),
    );
  });
}

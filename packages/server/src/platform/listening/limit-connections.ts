// Applies connection shares to a server of Node. It decides before Node's own code gets a connection, and
// follows the connection's handshake and requests.
import type { Server as HttpServer, IncomingMessage, ServerResponse } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type {
  ConnectionLimits,
  ConnectionShares,
  OpenConnection,
  RefusalKind,
} from '../limits/connection-shares.ts';
import { createConnectionShares } from '../limits/connection-shares.ts';
import { rawSocketOf } from '../tls/tls.ts';

/** `refused` is called with the address share of each connection that is refused, or closed for a new one. */
export function limitConnections(
  server: HttpServer | HttpsServer,
  limits: ConnectionLimits,
  refused: (kind: RefusalKind, addressShare: string) => void,
): ConnectionShares {
  const shares = createConnectionShares(limits, refused);
  const connections = new WeakMap<Socket, OpenConnection>();
  const connectionOf = (socket: Socket) =>
    connections.get(socket instanceof TLSSocket ? (rawSocketOf(socket) ?? socket) : socket);
  const phase = 'setSecureContext' in server ? 'handshake' : 'secure';

  beforeEachConnection(server, (socket) => {
    // The address is missing if the client has already left.
    const connection = shares.open(socket.remoteAddress ?? 'unknown', phase, () => socket.destroy());
    if (!connection) return false;
    connections.set(socket, connection);
    socket.once('close', connection.closed);
    return true;
  });
  server.on('secureConnection', (socket: TLSSocket) => connectionOf(socket)?.handshakeDone());
  server.prependListener('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    const connection = connectionOf(socket);
    if (!connection) return;
    connection.requestBegun();
    response.once('close', connection.requestEnded);
  });
  return shares;
}

/**
 * Node begins the handshake or reads the request in its own listener of `connection`. That listener is called
 * only for accepted connections.
 */
function beforeEachConnection(server: HttpServer | HttpsServer, accepts: (socket: Socket) => boolean): void {
  const listeners = server.listeners('connection');
  server.removeAllListeners('connection');
  server.on('connection', (socket: Socket) => {
    if (!accepts(socket)) {
      socket.destroy();
      return;
    }
    for (const listener of listeners) listener.call(server, socket);
  });
}

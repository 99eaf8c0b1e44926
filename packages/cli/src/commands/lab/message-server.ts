// Servers of one message on loopback: over plain HTTP, and over TLS with a certificate that lives as long as
// they do. At one path they answer the message itself, at another a Fernet token of it. Their answers have
// few and short lines, because they are shown in narrow columns.
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { createFernet, generateFernetKey } from '@gatehouse/protocol';
import { createLoopbackIdentity } from './loopback-identity.ts';

export interface MessageServer extends AsyncDisposable {
  httpUrl: string;
  httpsUrl: string;
  /** PEM: the root that its certificate leads to. */
  root: string;
}

export const MESSAGE_PATH = '/note';
export const TOKEN_PATH = '/seal';

export async function startMessageServer(message: string): Promise<MessageServer> {
  const token = await createFernet(generateFernetKey()).encrypt(message);
  const sockets = new Set<Socket>();
  const serve = (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('data', (request: Buffer) => {
      const body = request.includes(`GET ${TOKEN_PATH} `) ? token : message;
      socket.end(`HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n${body}`);
    });
  };
  const { root, cert, key } = createLoopbackIdentity();
  const tlsOptions = { cert, key, ALPNProtocols: ['http/1.1'] };
  const servers = [createServer(serve), createTlsServer(tlsOptions, serve)] as const;
  const [httpPort, httpsPort] = await Promise.all(servers.map(listen));
  return {
    httpUrl: `http://localhost:${httpPort}`,
    httpsUrl: `https://localhost:${httpsPort}`,
    root,
    async [Symbol.asyncDispose]() {
      for (const server of servers) server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

async function listen(server: Server): Promise<number> {
  server.listen(0, 'localhost');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

// Servers of one message on loopback: over plain HTTP, and over TLS with a temporary certificate. One path
// answers with the message, another with a Fernet token of it, and the servers open sealed requests. The
// answers have few and short lines, because narrow columns show them.
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { createFernet, type Fernet, generateFernetKey, SEALED_REQUESTS_PATH } from '@gatehouse/protocol';
import { createLoopbackIdentity } from './loopback-identity.ts';
import { createSealedNote, type SealedNote } from './sealed-note.ts';

export interface MessageServer extends AsyncDisposable {
  httpUrl: string;
  httpsUrl: string;
  /** PEM: the root that its certificate leads to. */
  root: string;
  /** The public part of the keys, for clients. */
  fernet: Pick<Fernet, 'decrypt'>;
  sealed: Pick<SealedNote, 'ask'>;
}

export const MESSAGE_PATH = '/note';
export const TOKEN_PATH = '/enc';

export async function startMessageServer(message: string): Promise<MessageServer> {
  const fernet = createFernet(generateFernetKey());
  const sealed = await createSealedNote();
  const token = await fernet.encrypt(message);
  const sockets = new Set<Socket>();
  const serve = (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    readRequest(socket, async ({ path, content }) => {
      if (path === SEALED_REQUESTS_PATH) socket.end(await sealed.answer(content, () => message));
      else socket.end(`HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n${path === TOKEN_PATH ? token : message}`);
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
    fernet,
    sealed,
    async [Symbol.asyncDispose]() {
      for (const server of servers) server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** The whole request. It has a small body or none. */
function readRequest(socket: Socket, take: (request: { path: string; content: Buffer }) => void): void {
  let octets = Buffer.alloc(0);
  socket.on('data', (part: Buffer) => {
    octets = Buffer.concat([octets, part]);
    const end = octets.indexOf('\r\n\r\n');
    const head = octets.toString('latin1', 0, end);
    const length = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0);
    const content = octets.subarray(end + 4);
    if (end < 0 || content.length < length) return;
    socket.removeAllListeners('data');
    take({ path: head.split(' ')[1] ?? '', content });
  });
}

async function listen(server: Server): Promise<number> {
  server.listen(0, 'localhost');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

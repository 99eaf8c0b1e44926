// A TLS server of sockets that can require client certificates. Refuses a client without a valid certificate,
// reports the reason, and continues to serve. Resumes no session: Node shows no client certificate on a
// resumed one.
import { constants } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer, type TLSSocket, type TlsOptions } from 'node:tls';
import type { ClientError } from '../errors.ts';
import { secureContextOf, type TlsCredentials } from './credentials.ts';
import { serverFailure } from './tls-errors.ts';

/** Where to listen, and which clients may connect. */
export interface ListenTlsOptions extends TlsCredentials {
  /** Default: 127.0.0.1. */
  host?: string;
  /** 0 means any free port. */
  port: number;
  certificate: string;
  key: string;
  /** With `require`, a client must have a certificate that leads to `ca`. Default: asks for none. */
  clientCertificate?: 'require';
  /** Called for each refused client and each failed handshake. */
  onRefused?(error: ClientError): void;
  /** Called when the handler of a socket rejects. Default: emits a process warning. */
  onHandlerError?(error: unknown): void;
}

/** A server that listens. */
export interface TlsListener {
  port: number;
  /** Accepts no more connections, and ends those that are open. */
  close(): Promise<void>;
}

/**
 * Listens for TLS connections, and calls `handle` with each verified socket. If `handle` rejects, its socket
 * is closed and the server continues.
 * @throws TypeError for PEM that cannot be used, and for `require` without `ca`
 * @example
 * const { port, close } = await listenTls(
 *   { port: 0, ca, certificate, key, clientCertificate: 'require', onRefused: (error) => log(error.message) },
 *   async (socket) => {
 *     for await (const chunk of socket) socket.write(chunk);
 *   },
 * );
 */
export async function listenTls(
  options: ListenTlsOptions,
  handle: (socket: TLSSocket) => Promise<void>,
): Promise<TlsListener> {
  const server = createServer(tlsServerOptions(options));
  const { onHandlerError = (error) => process.emitWarning(String(error)) } = options;
  server.on('secureConnection', (socket) => {
    socket.on('error', () => {}); // the handler gets the error from its reads and writes
    Promise.resolve(socket)
      .then(handle)
      .catch((error) => {
        if (!isClientGone(error, socket)) onHandlerError(error);
        socket.destroy();
      });
  });
  return startListening(server, options);
}

/** The TLS options of every server that can require client certificates. */
export function tlsServerOptions(options: ListenTlsOptions): TlsOptions {
  const requires = options.clientCertificate === 'require';
  if (requires && options.ca === undefined) {
    throw new TypeError('clientCertificate: require needs ca, the roots of the clients');
  }
  return {
    ...secureContextOf(options),
    requestCert: requires,
    rejectUnauthorized: requires,
    // Without tickets and a listener for `resumeSession`, no session can be resumed.
    secureOptions: constants.SSL_OP_NO_TICKET,
    handshakeTimeout: HANDSHAKE_MS,
  };
}

/** Listens, reports refusals, and closes with all connections. */
export async function startListening(
  server: Server,
  { host = '127.0.0.1', port, onRefused = () => {} }: Pick<ListenTlsOptions, 'host' | 'port' | 'onRefused'>,
): Promise<TlsListener> {
  const clients = new Map<Socket, string>();
  server.prependListener('connection', (socket: Socket) => {
    clients.set(socket, `${socket.remoteAddress}:${socket.remotePort}`);
    socket.once('close', () => setImmediate(() => clients.delete(socket))); // after the error is reported
  });
  server.on('tlsClientError', (error: Error, socket: TLSSocket) => {
    onRefused(refusal(error, socket, clients));
    socket.destroy(); // Node does not close these
  });
  server.listen(port, host);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of clients.keys()) socket.destroy();
      await closed;
    },
  };
}

/** Then the error comes from the connection, or from a loop over its octets that was left early. */
function isClientGone(error: unknown, socket: TLSSocket): boolean {
  if (!(error instanceof Error)) return false;
  return error === socket.errored || ('code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE');
}

const HANDSHAKE_MS = 10_000;

/**
 * Node closes the connection of an untrusted certificate, and gives the reason only with the socket. A closed
 * socket has no address, so the address is stored for the TCP socket below it.
 */
function refusal(error: Error, socket: TLSSocket, clients: ReadonlyMap<Socket, string>): ClientError {
  const { _parent: raw, authorizationError } = socket as TLSSocket & { _parent?: Socket };
  const client = (raw && clients.get(raw)) ?? 'at an unknown address';
  return serverFailure(error, client, authorizationError ?? undefined);
}

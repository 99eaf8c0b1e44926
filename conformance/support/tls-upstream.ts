// An HTTPS upstream with Node's own server, which reports the facts of each connection.
import { hash, X509Certificate } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ServerOptions } from 'node:https';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Identity } from './test-authority.ts';

/** The answer to every request. */
export interface Seen {
  /** Counts the connections from one. */
  connection: number;
  /** The name that the client asked for, if any. */
  name: string | null;
  /** The serial number of the client's certificate, in lower-case hex. */
  client: string | null;
}

export interface TlsUpstream {
  port: number;
  /** Sets the certificate of later handshakes. */
  present(identity: Identity): void;
  /** Replaces the answer to requests. */
  answer: ((request: IncomingMessage, response: ServerResponse) => void) | undefined;
  /** Ends the open connections. */
  endConnections(): void;
  close(): Promise<void>;
}

export async function startTlsUpstream(
  identity: Identity,
  options: ServerOptions = {},
): Promise<TlsUpstream> {
  const upstream = { port: 0, answer: undefined } as unknown as TlsUpstream;
  const connections = new WeakMap<object, number>();
  let count = 0;
  const server = createServer({ keepAliveTimeout: 60_000, ...options, ...identity }, (request, response) => {
    if (upstream.answer) return upstream.answer(request, response);
    const socket = request.socket as TLSSocket & { servername?: string | false };
    const peer = socket.getPeerX509Certificate();
    const seen: Seen = {
      connection: connections.get(socket) ?? 0,
      name: socket.servername || null,
      client: peer ? serialOf(peer) : null,
    };
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(seen));
  });
  server.on('secureConnection', (socket: TLSSocket) => {
    count += 1;
    connections.set(socket, count);
  });
  // The gateway aborts connections that it does not trust.
  server.on('tlsClientError', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(upstream, {
    port: (server.address() as AddressInfo).port,
    present: (next: Identity) => server.setSecureContext({ ...options, ...next }),
    endConnections: () => server.closeAllConnections(),
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
}

export function serialOf(certificate: string | X509Certificate): string {
  const { serialNumber } = typeof certificate === 'string' ? new X509Certificate(certificate) : certificate;
  return serialNumber.toLowerCase();
}

/** The pin of the key in a certificate: `sha256/BASE64`. */
export function pinOf(certificate: string): string {
  const spki = new X509Certificate(certificate).publicKey.export({ type: 'spki', format: 'der' });
  return `sha256/${hash('sha256', spki, 'base64')}`;
}

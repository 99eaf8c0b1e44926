// A TLS listener on Node: the records of handshakes, certificates by name and replaced without a lost
// connection, stapled OCSP responses, session tickets that any process of Node can open.
import type { Socket } from 'node:net';
import type { SecureContext, Server, TLSSocket } from 'node:tls';
import { createSecureContext, createServer } from 'node:tls';
import { certificateFailureInWords, failureInWords } from './handshake-failure.ts';
import type { ByName } from './identities.ts';
import { byName } from './identities.ts';
import { openKeyLog } from './key-log.ts';
import { NodeConnection } from './node-connection.ts';
import {
  clientRequest,
  factsOf,
  listenerOptions,
  serverContextOptions,
  serverNameOf,
  staples,
} from './node-tls.ts';
import type { Connection, ConnectionEvents, Listener, ListenOptions, ServerTls } from './transport.ts';

type Accept = (connection: Connection) => ConnectionEvents;

/** What Node forgets of a connection whose handshake fails. */
interface Arrival {
  address: string;
  time: number;
  startedAt: number;
}

/** Rejects with Node's error, such as `EADDRINUSE`. */
export async function nodeListen(options: ListenOptions, accept: Accept): Promise<Listener> {
  let choice = choose(options.tls);
  const server = createServer({
    ...listenerOptions(options.tls, choice.first),
    allowHalfOpen: true,
    handshakeTimeout: options.handshakeSeconds * 1000,
    SNICallback: (name, done) => done(null, choice.contextFor(name)),
  });
  server.maxConnections = options.maxConnections;
  server.on('OCSPRequest', (certificate, _issuer, answer) => answer(null, choice.staple(certificate)));
  recordHandshakes(server, options, accept);
  if (options.tls.keyLog !== undefined) logKeys(server, options.tls.keyLog);
  await listening(server, options);
  return {
    port: (server.address() as { port: number }).port,
    async present(tls) {
      choice = choose(tls);
      server.setSecureContext(serverContextOptions(tls, choice.first));
      // Node reads these for every connection.
      Object.assign(server, clientRequest(tls));
    },
    stop() {
      server.close();
    },
  };
}

function choose(tls: ServerTls) {
  const [first] = tls.identities;
  if (!first) throw new TypeError('A listener needs an identity.');
  const contextFor: ByName<SecureContext> = byName(tls.identities, (identity) =>
    createSecureContext(serverContextOptions(tls, identity)),
  );
  return { first, contextFor, staple: staples(tls.identities) };
}

function listening(server: Server, { host, port, reusePort }: ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, reusePort }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function logKeys(server: Server, path: string): void {
  const keyLog = openKeyLog(path);
  server.on('keylog', (line) => keyLog.write(line));
  server.once('close', () => keyLog.close());
}

function recordHandshakes(server: Server, options: ListenOptions, accept: Accept): void {
  const arrivals = new WeakMap<Socket, Arrival>();
  const record = (socket: TLSSocket, failure: string | undefined) => {
    const { address, time, startedAt } = arrivals.get(rawSocketOf(socket)) ?? unknownArrival();
    const tls = factsOf(socket);
    const durationMs = performance.now() - startedAt;
    options.handshake({ time, address, sni: serverNameOf(socket), tls, durationMs, failure });
    return tls;
  };
  server.on('connection', (raw: Socket) => {
    const address = raw.remoteAddress ?? '';
    arrivals.set(raw, { address, time: Date.now(), startedAt: performance.now() });
  });
  server.on('secureConnection', (socket) => {
    const connection = new NodeConnection(socket);
    connection.tls = record(socket, undefined);
    connection.accepted(accept);
  });
  server.on('tlsClientError', (error, socket) => void record(socket, failureOf(error, socket)));
}

function failureOf(error: Error, socket: TLSSocket): string {
  // Set if a certificate was required that did not verify.
  const { authorizationError } = socket;
  if (authorizationError) return certificateFailureInWords(String(authorizationError));
  return failureInWords(error);
}

/** The TCP connection below a TLS connection. Node has no documented access to it. */
function rawSocketOf(socket: TLSSocket): Socket {
  const { _parent: raw } = socket as TLSSocket & { _parent?: Socket };
  return raw ?? socket;
}

function unknownArrival(): Arrival {
  return { address: '', time: Date.now(), startedAt: performance.now() };
}

// A TLS listener on Node: records of handshakes, certificates by name that can be replaced without losing a
// connection, stapled OCSP responses, and session tickets that all Node processes can open.
import type { Socket } from 'node:net';
import type { SecureContext, Server, TLSSocket } from 'node:tls';
import { createSecureContext, createServer } from 'node:tls';
import { certificateFailureInWords } from '@gatehouse/access';
import { failureInWords } from './handshake-failure.ts';
import type { ByName } from './identities.ts';
import { byName } from './identities.ts';
import { openKeyLog } from './key-log.ts';
import { ACME_PROTOCOL, createChallenges } from './node-challenges.ts';
import { NodeConnection } from './node-connection.ts';
import { clientRequest, factsOf, listenerOptions, serverContextOptions, staples } from './node-tls.ts';
import type {
  Connection,
  ConnectionEvents,
  Listener,
  ListenOptions,
  ServerTls,
  TlsFacts,
} from './transport.ts';

type Accept = (connection: Connection) => ConnectionEvents;

/** Facts about a connection that Node no longer has after a failed handshake. */
interface Arrival {
  address: string;
  time: number;
  startedAt: number;
  /** Set when Node chooses the certificate. */
  sni: string | undefined;
}

/** Rejects with Node's error, such as `EADDRINUSE`. */
export async function nodeListen(options: ListenOptions, accept: Accept): Promise<Listener> {
  let choice = choose(options.tls);
  const challenges = createChallenges();
  const server = createServer({
    ...listenerOptions(options.tls, choice.first),
    handshakeTimeout: options.handshakeSeconds * 1000,
    // Node calls it as a method of the socket.
    SNICallback(this: unknown, name, done) {
      const socket = this as TLSSocket;
      arrivals.of(socket).sni = name;
      done(null, challenges.contextOf(socket, name) ?? choice.contextFor(name));
    },
  });
  const arrivals = rememberArrivals(server);
  server.maxConnections = options.maxConnections;
  server.on('OCSPRequest', (certificate, _issuer, answer) => answer(null, choice.staple(certificate)));
  recordHandshakes(server, { arrivals, options, accept });
  if (options.tls.keyLog !== undefined) logKeys(server, options.tls.keyLog);
  if (options.tls.challenges.length > 0) challenges.present(server, options.tls);
  await listening(server, options);
  return {
    port: (server.address() as { port: number }).port,
    async present(tls) {
      choice = choose(tls);
      server.setSecureContext(serverContextOptions(tls, choice.first));
      // Node reads these for every connection.
      Object.assign(server, clientRequest(tls));
      challenges.present(server, tls);
    },
    limit(maxConnections) {
      server.maxConnections = maxConnections;
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

interface Arrivals {
  of(socket: TLSSocket): Arrival;
}

function rememberArrivals(server: Server): Arrivals {
  const known = new WeakMap<Socket, Arrival>();
  const remember = (raw: Socket): Arrival => {
    const address = raw.remoteAddress ?? '';
    const arrival = { address, time: Date.now(), startedAt: performance.now(), sni: undefined };
    known.set(raw, arrival);
    return arrival;
  };
  server.on('connection', remember);
  return {
    of(socket) {
      const raw = rawSocketOf(socket);
      return known.get(raw) ?? remember(raw);
    },
  };
}

interface Recording {
  arrivals: Arrivals;
  options: ListenOptions;
  accept: Accept;
}

function recordHandshakes(server: Server, { arrivals, options, accept }: Recording): void {
  const record = (socket: TLSSocket, tls: TlsFacts | undefined, failure: string | undefined) => {
    const { startedAt, ...arrival } = arrivals.of(socket);
    options.handshake({ ...arrival, tls, durationMs: performance.now() - startedAt, failure });
  };
  server.on('secureConnection', (socket) => {
    // RFC 8737 §3: such a connection ends with its handshake.
    if (socket.alpnProtocol === ACME_PROTOCOL) {
      record(socket, factsOf(socket), undefined);
      socket.destroySoon();
      return;
    }
    // Not earlier, because a client that ends during the handshake would then hold its connection until the
    // time limit.
    socket.allowHalfOpen = true;
    const connection = new NodeConnection(socket);
    connection.tls = factsOf(socket);
    record(socket, connection.tls, undefined);
    connection.accepted(accept);
  });
  server.on('tlsClientError', (error, socket) => {
    record(socket, undefined, failureOf(error, socket, arrivals.of(socket).sni !== undefined));
    // Node does not do that itself.
    socket.destroy();
  });
}

function failureOf(error: Error, socket: TLSSocket, answered: boolean): string {
  // Set if a certificate was required and did not verify.
  const { authorizationError } = socket;
  if (authorizationError) return certificateFailureInWords(String(authorizationError));
  return failureInWords(error, answered);
}

/** The TCP connection below a TLS connection. Node does not document this property. */
function rawSocketOf(socket: TLSSocket): Socket {
  const { _parent: raw } = socket as TLSSocket & { _parent?: Socket };
  return raw ?? socket;
}

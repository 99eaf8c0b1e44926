// The gateway's HTTPS server, as each worker runs it: Node's parser and TLS with tighter limits. It hands
// every request to serving.ts, in the order in which the connection sent them.
import type { IncomingMessage } from 'node:http';
import type { Server } from 'node:https';
import { createServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import type { ServerIdentity } from '@gatehouse/access';
import { handshakeFlaw } from '../platform/client-certificate.ts';
import type { Log } from '../platform/log.ts';
import { rememberAddresses, sameContext, serverTlsOptions, stapleOcsp } from '../platform/tls.ts';
import type { Connections } from './connection.ts';
import { createConnections } from './connection.ts';
import { isWebSocketRequest } from './request-check.ts';
import type { ServingDeps } from './serving.ts';
import { createServing } from './serving.ts';
import type { GatewaySettings } from './settings.ts';

const CONNECTION_CHECK_MS = 250;

export interface GatewayServer {
  server: Server;
  /** New connections use what `identity` has; open connections go on. */
  present(identity: ServerIdentity): void;
  /** Ends everything that the snapshot in force no longer admits. */
  endRevoked(): void;
  /** Ends every connection at once. */
  cut(): void;
}

export function createGatewayServer(
  deps: Omit<ServingDeps, 'connections'>,
  settings: GatewaySettings,
  identity: ServerIdentity,
): GatewayServer {
  const { timeouts } = settings;
  const connections = createConnections();
  const tlsOptions = (from: ServerIdentity) =>
    serverTlsOptions(settings.tls, from, settings.clientCertificates);
  const server = createServer({
    ...tlsOptions(identity),
    handshakeTimeout: timeouts.handshake * 1000,
    headersTimeout: timeouts.headers * 1000,
    keepAliveTimeout: timeouts.idle * 1000,
    // Bodies have their own limits: see request-body.ts.
    requestTimeout: 0,
    connectionsCheckingInterval: CONNECTION_CHECK_MS,
    maxHeaderSize: settings.maxHeaderBytes,
    insecureHTTPParser: false,
    // checkRequest refuses a missing Host, in the form of our other refusals.
    requireHostHeader: false,
    optimizeEmptyRequests: true,
    shouldUpgradeCallback: (request) => isTimelyWebSocketRequest(request, connections),
  });
  // Node would drop the surplus silently; checkRequest refuses it.
  server.maxHeadersCount = 0;
  server.maxConnections = settings.maxConnections;
  // A net below the timeouts of each stage: nothing at all passes on a connection.
  server.timeout = Math.max(timeouts.connect + timeouts.firstByte, timeouts.stall, timeouts.idle) * 1000;
  const serve = createServing({ ...deps, connections }, settings);
  server.on('request', (request, response) => serve.request(request, response));
  server.on('checkContinue', (request, response) => serve.expectation(request, response));
  server.on('checkExpectation', (request, response) => serve.expectation(request, response));
  server.on('connect', (request: IncomingMessage, socket: Duplex) => serve.connect(request, socket));
  server.on('upgrade', (request, socket, head) => serve.upgrade(request, socket, head));
  server.on('clientError', (error: NodeJS.ErrnoException, socket) =>
    serve.malformed(error, socket as TLSSocket),
  );
  logFailedHandshakes(server, connections, deps.log);
  // Node forgets connections that became WebSockets. The drain must know them.
  const open = new Set<Socket>();
  server.on('connection', (connection: Socket) => {
    open.add(connection);
    connection.once('close', () => open.delete(connection));
  });
  let presented = identity;
  stapleOcsp(server, () => presented.ocspResponse);
  return {
    server,
    present(next) {
      // Most changes concern users or keys, and a new context costs more than all of these.
      if (!sameContext(next, presented)) server.setSecureContext(tlsOptions(next));
      presented = next;
    },
    endRevoked: serve.endRevoked,
    cut() {
      for (const connection of open) connection.destroy();
    },
  };
}

/** Logs the reason for every refused client certificate, and other failed handshakes at debug level. */
function logFailedHandshakes(server: Server, connections: Connections, log: Log): void {
  const addressOf = rememberAddresses(server);
  const refused = (reason: string, address: string | undefined) =>
    log.info({ reason, address }, 'client certificate refused');
  server.on('secureConnection', (socket) => {
    const { presented, address } = connections.of(socket);
    if (presented?.flaw !== undefined) refused(presented.flaw, address);
  });
  server.on('tlsClientError', (error, socket) => {
    const flaw = handshakeFlaw(error, socket);
    const address = addressOf(socket);
    if (flaw !== undefined) refused(flaw, address);
    else log.debug({ reason: error.message, address }, 'TLS handshake failed');
  });
}

// Everything else with an Upgrade field is an ordinary request, which is then refused. So is a request for a
// WebSocket that comes while an earlier request is not answered: the upgraded connection could not wait for
// that answer.
function isTimelyWebSocketRequest(request: IncomingMessage, connections: Connections): boolean {
  try {
    const connection = connections.of(request.socket);
    return isWebSocketRequest(request) && !connection.youngest() && !connection.ending();
  } catch {
    return false;
  }
}

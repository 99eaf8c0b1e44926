// The gateway's HTTPS server, as each worker runs it: Node's parser and TLS with limits tightened, every request through
// check, admission and forwarding, every answer into the access log.
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Server } from 'node:https';
import { createServer } from 'node:https';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { GatehouseError } from '../platform/errors.ts';
import type { Log } from '../platform/log.ts';
import { problemFrom } from '../platform/problem.ts';
import type { ServerIdentity } from '../platform/tls.ts';
import { serverTlsOptions } from '../platform/tls.ts';
import type { AccessLog } from './access-log.ts';
import type { Admission } from './admission.ts';
import type { Exchange } from './exchange.ts';
import { createExchange } from './exchange.ts';
import type { Forwarder } from './forward.ts';
import { failureReason } from './forward.ts';
import { sendProblem, writeProblem } from './reply.ts';
import type { CheckedRequest } from './request-check.ts';
import { checkRequest, isWebSocketRequest } from './request-check.ts';
import type { Route } from './route-table.ts';
import type { GatewaySettings } from './settings.ts';
import type { CompiledSnapshot } from './snapshot.ts';
import { openTunnel } from './tunnel.ts';

export interface GatewayServerDeps {
  admission: Admission;
  forwarder: Forwarder;
  accessLog: AccessLog;
  log: Log;
  /** The snapshot in force when a request arrives serves it to its end. */
  snapshot(): CompiledSnapshot;
}

const CONNECTION_CHECK_MS = 250;

export function createGatewayServer(
  deps: GatewayServerDeps,
  settings: GatewaySettings,
  identity: ServerIdentity,
): Server {
  const { timeouts } = settings;
  const server = createServer({
    ...serverTlsOptions(settings.tls, identity),
    handshakeTimeout: timeouts.handshake * 1000,
    headersTimeout: timeouts.headers * 1000,
    keepAliveTimeout: timeouts.idle * 1000,
    // Bodies have their own limits: see request-body.ts.
    requestTimeout: 0,
    connectionsCheckingInterval: CONNECTION_CHECK_MS,
    maxHeaderSize: settings.maxHeaderBytes,
    insecureHTTPParser: false,
    optimizeEmptyRequests: true,
    shouldUpgradeCallback: isPlausibleUpgrade,
  });
  // Node would drop the surplus silently; checkRequest refuses it.
  server.maxHeadersCount = 0;
  server.maxConnections = settings.maxConnections;
  const serve = createServing(deps, settings);
  server.on('request', (request, response) => serve.request(request, response, false));
  server.on('checkContinue', (request, response) => serve.request(request, response, true));
  server.on('checkExpectation', (request, response) => serve.unknownExpectation(request, response));
  server.on('connect', (request: IncomingMessage, socket: Duplex) => serve.connect(request, socket));
  server.on('upgrade', (request, socket, head) => serve.upgrade(request, socket, head));
  server.on('clientError', (error: NodeJS.ErrnoException, socket) =>
    serve.malformed(error, socket as TLSSocket),
  );
  server.on('tlsClientError', (error, socket) => {
    deps.log.debug({ reason: error.message, address: socket.remoteAddress }, 'TLS handshake failed');
  });
  return server;
}

// Everything else with an Upgrade field is an ordinary request, which the check then refuses.
function isPlausibleUpgrade(request: IncomingMessage): boolean {
  try {
    return isWebSocketRequest(request);
  } catch {
    return false;
  }
}

function createServing(deps: GatewayServerDeps, settings: GatewaySettings) {
  const { admission, forwarder, accessLog, log } = deps;

  async function admit(
    exchange: Exchange,
  ): Promise<{ request: CheckedRequest; route: Route; assertion: string | undefined }> {
    const snapshot = deps.snapshot();
    const request = checkRequest(exchange.request, settings.maxHeaders);
    const route = await admission.admit(exchange, request, snapshot);
    const assertion = exchange.principal && (await snapshot.assertions.sign(exchange.principal, route));
    return { request, route, assertion };
  }

  function problemOf(exchange: Exchange, error: unknown) {
    const problem = problemFrom(error, exchange.requestId);
    exchange.reason ??= error instanceof Error ? failureReason(error) : 'unknown';
    if (problem.code === 'internal')
      log.error({ err: error, requestId: exchange.requestId }, 'request failed');
    else if (problem.status >= 500)
      log.warn({ reason: exchange.reason, requestId: exchange.requestId }, 'upstream failed');
    return problem;
  }

  function refuse(exchange: Exchange, response: ServerResponse, error: unknown): void {
    if (response.headersSent || response.destroyed) {
      exchange.reason ??= 'the client has gone';
      response.destroy();
      return;
    }
    sendProblem(exchange.request, response, problemOf(exchange, error));
  }

  return {
    async request(
      incoming: IncomingMessage,
      response: ServerResponse,
      expectsContinue: boolean,
    ): Promise<void> {
      const exchange = createExchange(incoming);
      response.once('close', () =>
        accessLog.write(exchange, response.headersSent ? response.statusCode : 499),
      );
      try {
        // Throws for every kind of upgrade; a WebSocket request never comes here.
        isWebSocketRequest(incoming);
        const admitted = await admit(exchange);
        await forwarder.forward({ exchange, response, expectsContinue, ...admitted });
      } catch (error) {
        refuse(exchange, response, error);
      }
    },

    unknownExpectation(incoming: IncomingMessage, response: ServerResponse): void {
      const exchange = createExchange(incoming);
      response.once('close', () => accessLog.write(exchange, response.statusCode));
      refuse(
        exchange,
        response,
        new GatehouseError('expectation_failed', 'The only expectation is 100-continue.'),
      );
    },

    connect(incoming: IncomingMessage, socket: Duplex): void {
      const exchange = createExchange(incoming);
      const error = new GatehouseError('method_not_allowed', 'The method CONNECT is not offered.');
      const problem = problemOf(exchange, error);
      socket.on('error', () => socket.destroy());
      writeProblem(socket, problem);
      accessLog.write(exchange, problem.status);
    },

    async upgrade(incoming: IncomingMessage, client: Duplex, head: Buffer): Promise<void> {
      const exchange = createExchange(incoming);
      client.on('error', () => client.destroy());
      try {
        const admitted = await admit(exchange);
        const status = await openTunnel({ exchange, client, head, ...admitted }, settings.timeouts);
        accessLog.write(exchange, status);
      } catch (error) {
        const problem = problemOf(exchange, error);
        writeProblem(client, problem);
        accessLog.write(exchange, problem.status);
      }
    },

    malformed(error: NodeJS.ErrnoException, socket: TLSSocket): void {
      const refusal = parseRefusal(error);
      if (!refusal || !socket.writable) {
        socket.destroy();
        return;
      }
      writeProblem(socket, problemFrom(refusal, randomUUID()));
      accessLog.writeMalformed(socket, refusal.status, error.code ?? error.message);
    },
  };
}

/** What to answer to what Node's parser refused; undefined when there is nobody to answer. */
function parseRefusal({ code = '' }: NodeJS.ErrnoException): GatehouseError | undefined {
  if (code === 'ECONNRESET' || code === 'EPIPE') return undefined;
  if (code === 'HPE_HEADER_OVERFLOW')
    return new GatehouseError('header_too_large', 'The header fields are too large.');
  if (code === 'HPE_CHUNK_EXTENSIONS_OVERFLOW') {
    return new GatehouseError('content_too_large', 'The chunk extensions are too large.');
  }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return new GatehouseError('request_timeout', 'The headers came too slowly.');
  return new GatehouseError('bad_request', 'The request is not valid HTTP/1.1.');
}

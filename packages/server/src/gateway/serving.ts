// Serves each request: check, admission, forwarding, and a line in the access log for every answer.
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import type { Admission, Problem, Snapshot } from '@gatehouse/access';
import { GatehouseError, problemFrom } from '@gatehouse/access';
import type { Log } from '../platform/log.ts';
import type { AccessLog } from './access-log.ts';
import type { Connections } from './connection.ts';
import type { Exchange } from './exchange.ts';
import { createExchange } from './exchange.ts';
import type { Forwarder, Passage } from './forward.ts';
import { failureReason } from './forward.ts';
import { sendProblem, writeProblem } from './reply.ts';
import { checkRequest, isWebSocketRequest, methodNotOffered } from './request-check.ts';
import type { GatewaySettings } from './settings.ts';
import { openTunnel } from './tunnel.ts';

export interface ServingDeps {
  connections: Connections;
  admission: Admission;
  forwarder: Forwarder;
  accessLog: AccessLog;
  log: Log;
  /** The snapshot that is in force when a request arrives serves it to its end. */
  snapshot(): Snapshot;
}

const REVOKED = 'the credential was revoked';
const CLIENT_GONE = 'the client has gone';
/** For the log only: there was no client left to answer. */
const CLIENT_GONE_STATUS = 499;

/** One function for each event of the HTTPS server. */
export interface Serving {
  request(incoming: IncomingMessage, response: ServerResponse): void;
  /** A request with an Expect field. */
  expectation(incoming: IncomingMessage, response: ServerResponse): void;
  connect(incoming: IncomingMessage, socket: Duplex): void;
  upgrade(incoming: IncomingMessage, client: Duplex, head: Buffer): Promise<void>;
  malformed(error: NodeJS.ErrnoException, socket: TLSSocket): void;
  /**
   * Ends everything that the snapshot in force no longer admits: running requests, tunnels, connections of
   * revoked certificates.
   */
  endRevoked(): void;
}

export function createServing(deps: ServingDeps, settings: GatewaySettings): Serving {
  const { connections, admission, forwarder, accessLog, log } = deps;
  const running = new Set<Exchange>();

  async function admit(exchange: Exchange): Promise<Admitted> {
    const snapshot = deps.snapshot();
    const request = checkRequest(exchange.request, settings.maxHeaders);
    exchange.checked = true;
    const route = await admission.admit(exchange, request, snapshot);
    const assertion = exchange.principal && (await snapshot.assertions.sign(exchange.principal, route));
    // The end of revoked requests looks only at admitted ones, so a credential may have been revoked during
    // the admission.
    const newest = deps.snapshot();
    if (newest !== snapshot && !admission.holds(exchange, newest)) {
      throw new GatehouseError('credential_invalid', 'The credential was revoked.');
    }
    return { request, route, assertion, isOwnCredential: snapshot.waysIn.issuedHere };
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

  /** The challenge of a 401 for this exchange (RFC 9110 §11.6.1). */
  function challengeOf({ status, code }: Problem, { route }: Exchange): string | undefined {
    return status === 401 ? deps.snapshot().waysIn.challenge(code, route?.accept) : undefined;
  }

  function refuse(exchange: Exchange, response: ServerResponse, error: unknown): void {
    if (response.headersSent || response.destroyed) {
      exchange.reason ??= CLIENT_GONE;
      response.destroy();
      return;
    }
    const last = !exchange.checked || exchange.broken !== undefined;
    const problem = problemOf(exchange, error);
    sendProblem(exchange.request, response, { problem, last, challenge: challengeOf(problem, exchange) });
  }

  function logGone(exchange: Exchange): void {
    exchange.reason ??= CLIENT_GONE;
    accessLog.write(exchange, CLIENT_GONE_STATUS);
  }

  /** Waits for the turn of the request, then calls `serve`. A rejection becomes the answer. */
  function takeTurn(incoming: IncomingMessage, response: ServerResponse, serve: Serve): void {
    const connection = connections.of(incoming.socket);
    const exchange = createExchange(incoming, connection);
    let started = false;
    running.add(exchange);
    response.once('close', () => {
      running.delete(exchange);
      accessLog.write(exchange, response.headersSent ? response.statusCode : CLIENT_GONE_STATUS);
    });
    const refuseThis = (error: unknown) => refuse(exchange, response, error);
    connection.take({
      request: incoming,
      response,
      serve() {
        started = true;
        if (exchange.broken) refuseThis(exchange.broken);
        else serve(exchange).catch(refuseThis);
      },
      breakOff(error) {
        exchange.broken = error;
        if (exchange.failBody) exchange.failBody(error);
        else if (started) refuseThis(error);
      },
    });
  }

  async function forward(exchange: Exchange, response: ServerResponse, expectsContinue: boolean) {
    if (isWebSocketRequest(exchange.request)) throw lateUpgrade();
    const admitted = await admit(exchange);
    if (!exchange.broken) await forwarder.forward({ exchange, response, expectsContinue, ...admitted });
  }

  return {
    request(incoming, response) {
      takeTurn(incoming, response, (exchange) => forward(exchange, response, false));
    },

    expectation(incoming, response) {
      takeTurn(incoming, response, async (exchange) => {
        // RFC 9110 §10.1.1. Node would accept other words beside it.
        const understood = incoming.headers.expect?.toLowerCase() === '100-continue';
        if (understood) return forward(exchange, response, true);
        throw new GatehouseError('expectation_failed', 'The only expectation is 100-continue.');
      });
    },

    connect(incoming, socket) {
      const connection = connections.of(incoming.socket);
      const exchange = createExchange(incoming, connection);
      const problem = problemOf(exchange, methodNotOffered('CONNECT'));
      socket.on('error', () => socket.destroy());
      // This answer must not mix with the answer to an earlier request.
      if (connection.youngest()) socket.destroy();
      else writeProblem(socket, problem);
      accessLog.write(exchange, problem.status);
    },

    async upgrade(incoming, client, head) {
      const exchange = createExchange(incoming, connections.of(incoming.socket));
      running.add(exchange);
      client.on('error', () => client.destroy());
      try {
        const admitted = await admit(exchange);
        if (client.destroyed) {
          logGone(exchange);
          return;
        }
        const status = await openTunnel({ exchange, client, head, ...admitted }, settings.timeouts);
        accessLog.write(exchange, status);
      } catch (error) {
        if (client.destroyed) {
          logGone(exchange);
          return;
        }
        const problem = problemOf(exchange, error);
        writeProblem(client, problem, challengeOf(problem, exchange));
        accessLog.write(exchange, problem.status);
      } finally {
        running.delete(exchange);
      }
    },

    malformed(error, socket) {
      const refusal = parseRefusal(error);
      const connection = refusal && connections.of(socket);
      // Node reports every further byte after the one that was wrong.
      if (connection?.ending()) return;
      if (!connection || !socket.writable) {
        socket.destroy();
        return;
      }
      const turn = connection.youngest();
      const inBody = turn && !turn.request.complete;
      connection.endWith(() => {
        if (inBody) return;
        const requestId = randomUUID();
        writeProblem(socket, problemFrom(refusal, requestId));
        const { address, tls } = connection;
        const reason = error.code ?? error.message;
        accessLog.writeMalformed({ requestId, status: refusal.status, reason, address, tls });
      });
      if (inBody) turn.breakOff(refusal);
    },

    endRevoked() {
      const snapshot = deps.snapshot();
      for (const exchange of running) {
        if (admission.holds(exchange, snapshot)) continue;
        exchange.reason = REVOKED;
        exchange.request.socket.destroy();
      }
      for (const { presented, cut } of connections.open()) {
        if (snapshot.waysIn.isRevoked(presented)) cut();
      }
    },
  };
}

/** What admission found out and forwarding needs. */
type Admitted = Pick<Passage, 'request' | 'route' | 'assertion' | 'isOwnCredential'>;

type Serve = (exchange: Exchange) => Promise<void>;

function lateUpgrade(): GatehouseError {
  return new GatehouseError('bad_request', 'Ask for a WebSocket when all earlier requests are answered.');
}

/**
 * The answer to what Node's parser refused; undefined if there is no HTTP to answer in, as in a failed
 * handshake.
 */
function parseRefusal({ code = '' }: NodeJS.ErrnoException): GatehouseError | undefined {
  if (code === 'HPE_HEADER_OVERFLOW')
    return new GatehouseError('header_too_large', 'The header fields are too large.');
  if (code === 'HPE_CHUNK_EXTENSIONS_OVERFLOW') {
    return new GatehouseError('content_too_large', 'The chunk extensions are too large.');
  }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return new GatehouseError('request_timeout', 'The headers came too slowly.');
  if (code.startsWith('HPE_')) return new GatehouseError('bad_request', 'The request is not valid HTTP/1.1.');
  return undefined;
}

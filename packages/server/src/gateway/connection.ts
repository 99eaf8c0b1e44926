// One client connection. It serves its requests strictly one after the other: Node hands over pipelined
// requests as soon as they are parsed, so they would be forwarded side by side (RFC 9112 §9.3.2), even after
// a refusal that ends the connection. It closes in stages (§9.6), so that a reset does not destroy the last
// answer.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import type { GatehouseError, PresentedCertificate } from '@gatehouse/access';
import { presentedCertificate } from '../platform/client-certificate.ts';
import type { NegotiatedTls } from '../platform/tls.ts';
import { negotiatedTls } from '../platform/tls.ts';

/** A request that waits for its answer. Its turn ends with its response. */
export interface Turn {
  request: IncomingMessage;
  response: ServerResponse;
  serve(): void;
  /** The rest of the request cannot be read: it is malformed, or it was too slow. */
  breakOff(error: GatehouseError): void;
}

export interface Connection {
  /** The client's IP address. */
  readonly address: string;
  readonly tls: NegotiatedTls;
  /** The certificate that the client presented, or undefined. */
  readonly presented: PresentedCertificate | undefined;
  /** Whether the connection serves no further requests. */
  ending(): boolean;
  /** The latest request that is not answered yet. */
  youngest(): Turn | undefined;
  /** Serves `turn` when all requests before it are answered. Never serves it if the connection is ending. */
  take(turn: Turn): void;
  /** Calls `answer` when all accepted requests are answered. It is the last thing on this connection. */
  endWith(answer: () => void): void;
  /** Ends the connection and everything that runs on it at once. */
  cut(): void;
}

export interface Connections {
  /** Finds the connection of a request's socket. All requests of the gateway come through TLS servers. */
  of(socket: Socket): Connection;
  /** The connections that had a request and are still open. */
  open(): Iterable<Connection>;
}

/** Maps each socket to its connection, from the first request to the end of the socket. */
export function createConnections(): Connections {
  const known = new Map<Socket, Connection>();
  return {
    of(socket) {
      const found = known.get(socket);
      if (found) return found;
      const connection = createConnection(socket as TLSSocket);
      if (socket.destroyed) return connection;
      known.set(socket, connection);
      socket.once('close', () => known.delete(socket));
      return connection;
    },
    open: () => known.values(),
  };
}

// Far more than any client pipelines.
const MAX_WAITING = 100;

function createConnection(socket: TLSSocket): Connection {
  const waiting: Turn[] = [];
  let current: Turn | undefined;
  let ending = false;
  let lastAnswer: (() => void) | undefined;
  let surplus = 0;

  // Node calls this after a response with `Connection: close`. Node's own version would destroy the socket
  // before the request is read.
  socket.destroySoon = () => {
    ending = true;
    waiting.length = 0;
    endInStages(socket);
  };

  function start(turn: Turn): void {
    current = turn;
    turn.response.once('close', next);
    turn.serve();
  }

  function next(): void {
    current = undefined;
    if (socket.destroyed) return;
    const turn = waiting.shift();
    if (turn && waiting.length === 0) socket.resume();
    if (turn) start(turn);
    else lastAnswer?.();
  }

  return {
    address: socket.remoteAddress ?? 'unknown',
    tls: negotiatedTls(socket),
    presented: presentedCertificate(socket),
    ending: () => ending,
    youngest: () => waiting.at(-1) ?? current,
    take(turn) {
      // Node goes on parsing even when the socket is paused, and holds every request until the connection
      // closes. Only cutting the connection stops that.
      if (ending || waiting.length >= MAX_WAITING) {
        surplus += 1;
        if (!ending || surplus > MAX_WAITING) socket.destroy();
        return;
      }
      if (!current) {
        start(turn);
        return;
      }
      waiting.push(turn);
      // Pushes back unread data until Node's parser has its next whole request and reads on.
      socket.pause();
    },
    endWith(answer) {
      ending = true;
      if (current) lastAnswer = answer;
      else answer();
    },
    cut: () => void socket.destroy(),
  };
}

const LINGER_MS = 5000;

/**
 * Ends our side, discards for a while what the client still sends, then cuts the connection (RFC 9112 §9.6).
 */
export function endInStages(socket: Duplex): void {
  if (socket.destroyed) return;
  socket.end();
  socket.resume();
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once('close', () => clearTimeout(timer));
}

// One client connection. Its requests are served strictly one after the other: Node hands over pipelined requests as soon as
// they are parsed, which would forward them side by side (RFC 9112 §9.3.2) and past a refusal that ends the connection. It is
// closed in stages (§9.6), so that a reset does not take the last answer with it.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import type { PresentedCertificate } from '../platform/client-certificate.ts';
import { presentedCertificate } from '../platform/client-certificate.ts';
import type { GatehouseError } from '../platform/errors.ts';
import type { NegotiatedTls } from '../platform/tls.ts';
import { negotiatedTls } from '../platform/tls.ts';

/** A request whose answer is due; the turn ends with its response. */
export interface Turn {
  request: IncomingMessage;
  response: ServerResponse;
  serve(): void;
  /** The rest of the request cannot be had: it is malformed, or did not come in time. */
  breakOff(error: GatehouseError): void;
}

export interface Connection {
  /** The client's IP address. */
  readonly address: string;
  readonly tls: NegotiatedTls;
  /** The certificate that the client showed; undefined where it showed none. */
  readonly presented: PresentedCertificate | undefined;
  /** Whether nothing that still comes is served. */
  ending(): boolean;
  /** The youngest request that is not answered yet. */
  youngest(): Turn | undefined;
  /** Serves `turn` when all before it are answered; never, when the connection is ending. */
  take(turn: Turn): void;
  /** Calls `answer`, the last thing on this connection, when all that was taken is answered. */
  endWith(answer: () => void): void;
  /** Ends it at once, with all that runs on it. */
  cut(): void;
}

export interface Connections {
  /** Takes a request's socket: only TLS servers hand requests to the gateway. */
  of(socket: Socket): Connection;
  /** Those that were asked for and have not ended. */
  open(): Iterable<Connection>;
}

/** Each socket's connection, from the first question to its end. */
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

  // Node calls this after a response with `Connection: close`; its own would destroy the socket with the request unread.
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
      // Node parses on whatever is paused, and keeps each request until the connection is gone: only cutting it ends that.
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
      // Holds back what has not been read, until Node's parser has its next whole request and reads on.
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

/** Ends our side, reads away for a while what the client still sends, then cuts the line (RFC 9112 §9.6). */
export function endInStages(socket: Duplex): void {
  if (socket.destroyed) return;
  socket.end();
  socket.resume();
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once('close', () => clearTimeout(timer));
}

// Records every TLS handshake of a Node server, like the data plane for its own listener.
import type { Socket } from 'node:net';
import type { Server, TLSSocket } from 'node:tls';
import { certificateFailureInWords } from '@gatehouse/access';
import type { HandshakeFacts } from '@gatehouse/dataplane';
import { failureInWords, handshakeFacts, tlsFactsOf } from '@gatehouse/dataplane';
import { rawSocketOf } from '../tls/tls.ts';

/** The facts that Node drops when a handshake fails. */
interface Arrival {
  address: string;
  time: number;
  startedAt: number;
}

export function recordHandshakes(server: Server, record: (handshake: HandshakeFacts) => void): void {
  const arrivals = new WeakMap<Socket, Arrival>();

  function finish(socket: TLSSocket, error?: Error): void {
    const { address, time, startedAt } = arrivals.get(rawSocketOf(socket) ?? socket) ?? arrivalNow(socket);
    const durationMs = performance.now() - startedAt;
    const negotiated = tlsFactsOf(socket);
    const failure = error && failureOf(error, socket, negotiated !== undefined);
    const tls = error ? undefined : negotiated;
    record(handshakeFacts({ time, address, sni: negotiated?.sni, tls, durationMs, failure }));
  }

  server.on('connection', (raw: Socket) => arrivals.set(raw, arrivalNow(raw)));
  server.on('secureConnection', (socket) => finish(socket));
  server.on('tlsClientError', (error, socket) => finish(socket, error));
}

function arrivalNow(socket: Socket): Arrival {
  return { address: socket.remoteAddress ?? '', time: Date.now(), startedAt: performance.now() };
}

function failureOf(error: Error, { authorizationError }: TLSSocket, answered: boolean): string {
  // Set if a required certificate did not verify.
  if (authorizationError) return certificateFailureInWords(String(authorizationError));
  return failureInWords(error, answered);
}

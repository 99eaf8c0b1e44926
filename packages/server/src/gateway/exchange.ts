// One request and what is known of it so far: filled in as it is checked, routed, authenticated, authorised and served, read
// by whatever answers it and by the access log.
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import type { Principal } from '../platform/principal.ts';
import type { Route } from './route-table.ts';

export interface Exchange {
  readonly request: IncomingMessage;
  readonly socket: TLSSocket;
  readonly requestId: string;
  readonly address: string;
  /** From `performance.now()`. */
  readonly startedAt: number;
  /** Canonical once it is known; never with a query. */
  path: string;
  route: Route | undefined;
  principal: Principal | undefined;
  decision: 'allowed' | 'denied' | 'refused';
  /** Why it was denied, refused or broken off; for the log alone. */
  reason: string | undefined;
  bytesIn(): number;
  bytesOut: number;
  /** From sending to the upstream until its head came. */
  upstreamMs: number | undefined;
}

export function createExchange(request: IncomingMessage): Exchange {
  // Only TLS servers hand requests to the gateway.
  const socket = request.socket as TLSSocket;
  return {
    request,
    socket,
    requestId: randomUUID(),
    address: socket.remoteAddress ?? 'unknown',
    startedAt: performance.now(),
    path: request.url?.split('?')[0] ?? '',
    route: undefined,
    principal: undefined,
    decision: 'refused',
    reason: undefined,
    bytesIn: () => 0,
    bytesOut: 0,
    upstreamMs: undefined,
  };
}

// One request and everything known about it so far. Each step fills in its part: the check, the route, the
// authentication, the decision and the answer. The code that answers it and the access log read it.
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { AdmissionState, GatehouseError } from '@gatehouse/access';
import type { NegotiatedTls } from '../platform/tls.ts';
import type { Connection } from './connection.ts';

export interface Exchange extends AdmissionState {
  readonly request: IncomingMessage;
  readonly tls: NegotiatedTls;
  /** From `performance.now()`. */
  readonly startedAt: number;
  /**
   * Whether its syntax was accepted. If so, it is certain where it ends and where the next request begins.
   */
  checked: boolean;
  /** Why the rest of the request cannot be read. */
  broken: GatehouseError | undefined;
  /** Fails the body while it is on its way to the upstream. */
  failBody: ((error: GatehouseError) => void) | undefined;
  bytesIn(): number;
  bytesOut: number;
  /** From sending the request to the upstream until the head of the answer came. */
  upstreamMs: number | undefined;
}

export function createExchange(request: IncomingMessage, { address, tls, presented }: Connection): Exchange {
  return {
    request,
    tls,
    presented,
    requestId: randomUUID(),
    address,
    startedAt: performance.now(),
    method: request.method ?? '',
    path: pathAsSent(request.url ?? ''),
    route: undefined,
    principal: undefined,
    decision: 'refused',
    reason: undefined,
    checked: false,
    broken: undefined,
    failBody: undefined,
    bytesIn: () => 0,
    bytesOut: 0,
    upstreamMs: undefined,
  };
}

// A target that is not a path may hold a password, and the text after a ? or # a token.
function pathAsSent(target: string): string {
  return target.startsWith('/') ? target.replace(/[?#].*$/s, '') : '';
}

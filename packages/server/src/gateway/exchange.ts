// One request and what is known of it so far: filled in as it is checked, routed, authenticated, authorised and served, read
// by whatever answers it and by the access log.
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { PresentedCertificate } from '../platform/client-certificate.ts';
import type { GatehouseError } from '../platform/errors.ts';
import type { Principal } from '../platform/principal.ts';
import type { NegotiatedTls } from '../platform/tls.ts';
import type { Connection } from './connection.ts';
import type { GatewayRoute } from './route-table.ts';

export interface Exchange {
  readonly request: IncomingMessage;
  readonly tls: NegotiatedTls;
  readonly presented: PresentedCertificate | undefined;
  readonly requestId: string;
  readonly address: string;
  /** From `performance.now()`. */
  readonly startedAt: number;
  /** Canonical once it is known; never with a query. */
  path: string;
  route: GatewayRoute | undefined;
  principal: Principal | undefined;
  decision: 'allowed' | 'denied' | 'refused';
  /** Why it was denied, refused or broken off; for the log alone. */
  reason: string | undefined;
  /** Its syntax was agreed to: where it ends, and so where the next request begins, is not in doubt. */
  checked: boolean;
  /** Why the rest of the request cannot be had. */
  broken: GatehouseError | undefined;
  /** Fails the body on its way to the upstream, while it is on its way. */
  failBody: ((error: GatehouseError) => void) | undefined;
  bytesIn(): number;
  bytesOut: number;
  /** From sending to the upstream until its head came. */
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

// A target that is no path may hold a password, and what follows a ? or # a token.
function pathAsSent(target: string): string {
  return target.startsWith('/') ? target.replace(/[?#].*$/s, '') : '';
}

const RECORDED_PATH_LENGTH = 1024;

/** What logs and the ledger keep of a path: enough to know it by, not so much that requests fill the disk. */
export function recordedPath(path: string): string {
  return path.length > RECORDED_PATH_LENGTH ? `${path.slice(0, RECORDED_PATH_LENGTH)}…` : path;
}

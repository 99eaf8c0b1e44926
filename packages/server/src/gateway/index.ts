// The gateway: the data plane in worker threads, and its small part in the control plane.
import { availableParallelism } from 'node:os';
import type { Fact, GatewayRoute } from '@gatehouse/access';
import { createRouteTable } from '@gatehouse/access';
import type { Section } from '../platform/feed.ts';
import type { Log, LogLevel } from '../platform/log.ts';
import { clientAuthenticationFor } from './configured-routes.ts';
import type { GatewaySettings } from './settings.ts';
import type { Supervisor } from './supervisor.ts';
import { startWorkers } from './supervisor.ts';

export { assertionKeySet } from './assertion-key-set.ts';
export { resolveRoutes, sampleRoutes } from './configured-routes.ts';
export type { GatewaySettings } from './settings.ts';
export { gatewaySettings } from './settings.ts';
export type { Supervisor, WorkerState } from './supervisor.ts';
export { findPort } from './supervisor.ts';
export type { TransportChoice, TransportName } from './transport-choice.ts';
export { chooseTransport } from './transport-choice.ts';
export { readUpstreamTls } from './upstream-tls.ts';

export interface GatewayDeps {
  log: Log;
  logLevel: LogLevel;
  /** Writes a fact to the ledger; resolves when it is on disk. */
  record(fact: Fact): Promise<void>;
  /** The current sections, one for each of `SECTION_NAMES`. */
  sections(): readonly Section[];
}

export interface GatewayStart {
  workers: number | 'auto';
  port: number;
  routes: readonly GatewayRoute[];
}

/** Starts the workers. Refuses routes that do not compile before any worker gets them. */
export function startGateway(
  deps: GatewayDeps,
  settings: GatewaySettings,
  start: GatewayStart,
): Promise<Supervisor> {
  const { routes, port } = start;
  createRouteTable(routes);
  const count = start.workers === 'auto' ? availableParallelism() : start.workers;
  const clientCertificates = clientAuthenticationFor(settings.clientCertificates, routes);
  return startWorkers(deps, { ...settings, clientCertificates }, { count, port });
}

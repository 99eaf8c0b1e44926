// The gateway: the data plane in worker threads, and the little of it that the control plane holds.
import { availableParallelism } from 'node:os';
import { systemClock } from '../platform/clock.ts';
import type { Log, LogLevel } from '../platform/log.ts';
import type { Fact } from './facts.ts';
import { askedOfClients } from './routes.ts';
import type { GatewaySettings } from './settings.ts';
import type { GatewaySnapshot } from './snapshot.ts';
import { compileSnapshot } from './snapshot.ts';
import type { Supervisor } from './supervisor.ts';
import { startWorkers } from './supervisor.ts';

export { assertionKeySet } from './assertion.ts';
export type { ClientTrust } from './client-certificates.ts';
export type { Fact } from './facts.ts';
export { resolveRoutes, sampleRoutes } from './routes.ts';
export type { GatewaySettings } from './settings.ts';
export type { GatewaySnapshot } from './snapshot.ts';
export type { Supervisor, WorkerState } from './supervisor.ts';
export { findPort } from './supervisor.ts';

export interface GatewayDeps {
  log: Log;
  logLevel: LogLevel;
  /** Writes a fact to the ledger; resolves when it is on disk. */
  record(fact: Fact): Promise<void>;
}

export interface GatewayStart {
  workers: number | 'auto';
  port: number;
  snapshot: GatewaySnapshot;
}

/** Starts the workers. A snapshot that does not compile is refused here, before any worker sees it. */
export function startGateway(
  deps: GatewayDeps,
  settings: GatewaySettings,
  start: GatewayStart,
): Promise<Supervisor> {
  const { snapshot, port } = start;
  compileSnapshot(snapshot, systemClock);
  const count = start.workers === 'auto' ? availableParallelism() : start.workers;
  const clientCertificates = askedOfClients(settings.clientCertificates, snapshot.routes);
  return startWorkers(deps, { ...settings, clientCertificates }, { count, port, snapshot });
}

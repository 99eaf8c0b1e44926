// The gateway: starts the processes of the data plane, and does its small part in the control plane.
import { appendFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { isAbsolute } from 'node:path';
import type { Claims, Fact, NamedIdentity, ServerIdentity } from '@gatehouse/access';
import type { HandshakeFacts, ProcessReport } from '@gatehouse/dataplane';
import type { EncryptedSessions } from '@gatehouse/protocol';
import { notWritable } from '../platform/data-folder/writable-place.ts';
import type { Section } from '../platform/feed/feed.ts';
import type { Log, LogLevel } from '../platform/log/log.ts';
import type { Supervisor, WorkerState } from './processes/supervisor.ts';
import { startWorkers } from './processes/supervisor.ts';
import type { Runtime } from './runtime/runtime.ts';
import { findBun, nodeRuntime } from './runtime/runtime.ts';
import type { TransportWish } from './runtime/transport-choice.ts';
import { chooseTransport, obstacleOnBun } from './runtime/transport-choice.ts';
import type { GatewaySettings } from './settings.ts';
import { logHandshakes } from './tls/handshake-lines.ts';
import { keyTypesOf } from './tls/key-types.ts';

export { readSystemRoots } from '../platform/tls/system-roots.ts';
export { alpnObstacle, requireAnswers } from './challenges/challenge-obstacles.ts';
export { createPlainHttp } from './challenges/plain-listener.ts';
export type { Supervisor, WorkerState } from './processes/supervisor.ts';
export { findPort } from './processes/supervisor.ts';
export type { ConfiguredResource } from './routes/configured-routes.ts';
export { clientAuthenticationFor, resolveRoutes, sampleRoutes } from './routes/configured-routes.ts';
export { policiesOfRequirements, policiesOfRules } from './routes/route-policies.ts';
export type { TransportChoice, TransportName } from './runtime/transport-choice.ts';
export { chooseTransport } from './runtime/transport-choice.ts';
export type { GatewaySettings } from './settings.ts';
export { gatewaySettings } from './settings.ts';
export type { WatchedCertificates } from './tls/certificate-files.ts';
export { watchCertificates } from './tls/certificate-files.ts';
export { keyTypesOf } from './tls/key-types.ts';
export type { WatchedUpstreamTls } from './tls/upstream-tls.ts';
export { watchUpstreamTls } from './tls/upstream-tls.ts';
export { watchFiles } from './tls/watched-files.ts';
export type { Traffic } from './traffic/traffic.ts';
export { createTraffic } from './traffic/traffic.ts';

export interface GatewayDeps {
  log: Log;
  logLevel: LogLevel;
  /** Writes a fact to the ledger; resolves when it is on disk. */
  record(fact: Fact): Promise<void>;
  /** Claims of all workers. */
  claims: Claims;
  /** The sessions of the encrypted endpoints of all workers. */
  sessions: EncryptedSessions;
  /** The current sections, one for each of `SECTION_NAMES`. */
  sections(): readonly Section[];
  /** Takes the record of every handshake. */
  handshakes(records: readonly HandshakeFacts[]): void;
  /** Takes the new counts of a worker. */
  counted(worker: number, report: ProcessReport): void;
  /** Called when the process of a worker has ended. */
  exited(worker: number): void;
}

export interface GatewayStart {
  workers: number | 'auto';
  /** A port that was chosen before, so that tokens can contain it. */
  port: number;
  /** The public URL. */
  url: string;
  /** The key types of future authorities, and of the files of upstreams. */
  keyTypes: readonly string[];
}

/**
 * Starts the workers. Throws `config_invalid` and `listen_failed`.
 */
export async function startGateway(
  deps: GatewayDeps,
  settings: GatewaySettings,
  start: GatewayStart,
): Promise<Supervisor> {
  const { port, url, workers } = start;
  const { accessLog, transport, tls, acme } = settings;
  requireWritable(accessLog);
  const keyTypes = [...start.keyTypes, ...presentedKeyTypes(deps.sections())];
  const { platform } = process;
  const runtime = await chooseRuntime(deps.log, { setting: transport, tls, acme, keyTypes, platform });
  return startWorkers(
    {
      ...deps,
      handshakes(records, lost) {
        logHandshakes(deps.log, records, lost);
        deps.handshakes(records);
      },
    },
    {
      listen: { ...settings.listen, port },
      host: new URL(url).host,
      handshakeSeconds: settings.timeouts.handshake,
      tls,
    },
    { count: workers === 'auto' ? availableParallelism() : workers, runtime, accessLog },
  );
}

/** Throws `config_invalid` for a path of the access log that cannot be written. */
function requireWritable(accessLog: string): void {
  if (!isAbsolute(accessLog)) return;
  try {
    appendFileSync(accessLog, '', { mode: 0o600 });
  } catch (error) {
    throw notWritable(accessLog, 'log.access', error);
  }
}

/** The types of all keys in the certificates that the listener presents and accepts. */
function presentedKeyTypes(sections: readonly Section[]): string[] {
  const { entries } = sections.find(({ name }) => name === 'tls') as Section<ServerIdentity | NamedIdentity>;
  const certificates = [...entries.values()].map(
    (identity) => `${identity.certificateChain}${'clientRoots' in identity ? identity.clientRoots : ''}`,
  );
  return keyTypesOf(certificates.join(''));
}

/**
 * Why the running workers cannot use keys of these types, and the remedy; undefined if they can. Without
 * workers there is no obstacle, because `startGateway` chooses a fitting runtime.
 */
export function keyObstacle(
  workers: readonly Pick<WorkerState, 'runtime'>[],
  keyTypes: readonly string[],
  setting: GatewaySettings['transport'],
): string | undefined {
  const isOnBun = workers.some(({ runtime }) => runtime.startsWith('Bun'));
  return isOnBun ? obstacleOnBun(keyTypes, setting) : undefined;
}

/** Logs the runtime of the workers, with the reason, if it is not Bun. */
async function chooseRuntime(log: Log, wish: TransportWish): Promise<Runtime> {
  const { transport, because } = chooseTransport(wish);
  const { bun, reason } = transport === 'bun' ? await findBun() : { reason: because };
  const runtime = bun ?? nodeRuntime();
  if (bun === undefined) log.event('gateway.runtime', { runtime: runtime.title, reason });
  return runtime;
}

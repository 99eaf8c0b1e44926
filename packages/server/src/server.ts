// The composition root: opens the data folder, wires the capabilities, starts the listeners, and stops them
// again.
import { isAbsolute, resolve } from 'node:path';
import { GatehouseError } from '@gatehouse/access';
import { removeLeftCopies } from './backup/index.ts';
import type { Capabilities } from './capabilities.ts';
import { capabilityList, migrations } from './capabilities.ts';
import type { Config } from './config.ts';
import { readRecord, refuseOtherFile } from './configuration/index.ts';
import { orderedNames } from './data-plane/gateway-certificates.ts';
import { accessLogTarget } from './data-plane/gateway-start.ts';
import { openFoundation } from './foundation.ts';
import type { Supervisor } from './gateway/index.ts';
import { accessLogRotation } from './monitoring/index.ts';
import { dataFolderOf, findPlaces, wantsSamples } from './places.ts';
import type { PlaneDeps } from './planes.ts';
import { startPlanes } from './planes.ts';
import type { Capability } from './platform/capability.ts';
import type { Actor } from './platform/feed/events.ts';
import { collectAfterStart } from './platform/jobs/garbage.ts';
import { createLog } from './platform/log/log.ts';
import { stepUpRequirement } from './platform/settings/step-up-setting.ts';
import { openKeyLog } from './platform/tls/key-log.ts';
import type { ReadyFacts } from './ready.ts';
import { announce } from './ready.ts';
import { readSecretKeys } from './samples/samples-secret.ts';
import { startSamples } from './samples/samples-start.ts';
import type { ConfigurationState } from './settings/configuration-state.ts';
import { recordConfiguration, recordOf, tellOfOtherFile } from './settings/configuration-state.ts';
import type { LoadedConfig } from './settings/load-config.ts';
import { loadConfig } from './settings/load-config.ts';
import { refuseSettings } from './settings/settings-problems.ts';
import { openOnceOnly } from './ways-in/once-only.ts';

/** How to start the server: the options of the command line, and the environment. */
export interface ServeOptions {
  upstream?: string | undefined;
  /** The configuration file. */
  config?: string | undefined;
  /** The data folder; default: GATEHOUSE_DATA, else ./.gatehouse. */
  data?: string | undefined;
  /** `KEY=VALUE` pairs. */
  set: readonly string[];
  environment: NodeJS.ProcessEnv;
  /** Also starts if the database is an older copy. The ledger records that. */
  acceptRollback?: boolean | undefined;
}

/** A server that has started. */
export interface RunningServer {
  ready: ReadyFacts;
  gateway: Supervisor;
  /**
   * Reads the configuration file again. If the configuration is refused, the log has the reason, and nothing
   * changes.
   */
  reload(): Promise<void>;
  /** Stops accepting, lets running requests finish, then closes. Takes less than ten seconds. */
  stop(): Promise<void>;
}

// Another program may take a port that the system chose before we bind it.
const START_ATTEMPTS = 5;

/**
 * Starts the whole server. After a failure, nothing is left running.
 * @throws GatehouseError
 * @example
 * const server = await serve({ upstream: 'http://127.0.0.1:3000', set: [], environment: process.env });
 * process.once('SIGTERM', () => server.stop());
 */
export async function serve(options: ServeOptions): Promise<RunningServer> {
  const loaded = await loadConfig({ ...options, file: options.config });
  for (let attempt = 1; ; attempt += 1) {
    const stack = new AsyncDisposableStack();
    try {
      return await start(options, loaded, stack);
    } catch (error) {
      await stack.disposeAsync();
      if (attempt === START_ATTEMPTS || !lostChosenPort(error, loaded.config)) throw error;
    }
  }
}

function lostChosenPort(error: unknown, { gateway, control, pki }: Config): boolean {
  if (!(error instanceof GatehouseError) || error.code !== 'listen_failed') return false;
  const { code } = error.cause as NodeJS.ErrnoException;
  return (
    code === 'EADDRINUSE' &&
    Object.entries({ gateway, control, pki }).some(
      ([name, { listen }]) => listen.port === 0 && error.message.includes(`${name}.listen`),
    )
  );
}

async function start(
  options: ServeOptions,
  loaded: LoadedConfig,
  stack: AsyncDisposableStack,
): Promise<RunningServer> {
  const { environment } = options;
  const { config: given, written } = loaded;
  const data = options.data ?? dataFolderOf(environment);
  refuseSettings(given, resolve(data));
  const secretKeys = readSecretKeys(given, environment);
  const foundation = await openFoundation(
    {
      data,
      masterKeyFile: environment.GATEHOUSE_MASTER_KEY_FILE,
      log: createLog(given.log.level),
      migrations,
    },
    stack,
  );
  removeLeftCopies(foundation.folder);
  const { database, folder } = foundation;
  const startedWith = { given: options.config, file: written.file?.path, folder: folder.path };
  const recorded = await readRecord(database.read);
  refuseOtherFile(recorded, startedWith);
  const onceOnly = await openOnceOnly(foundation, given, recorded === undefined);
  const config = { ...given, tls: openKeyLog(given.tls, foundation.folder.path, foundation.log) };
  const places = await findPlaces(config);
  const urls = { gateway: places.gateway.url, control: places.control.url, pki: places.pki.url };
  const { acceptRollback = false } = options;
  const listenerNames = orderedNames(config);
  const deps = {
    ...foundation,
    urls,
    adminRequirement: config.control.require && stepUpRequirement(config.control.require),
    controlPort: places.control.port,
    gatewayPort: places.gateway.port,
    listenerNames,
    acceptRollback,
    environment,
    claims: onceOnly.claims,
  };
  const capabilities = await capabilityList.open(deps, config, stack);
  await recordConfiguration(foundation, recordOf(loaded));
  tellOfOtherFile(foundation.log, recorded, recordOf(loaded));
  const samples = wantsSamples(config)
    ? await startSamples({ config, foundation, capabilities, secretKeys }, stack)
    : undefined;
  const start = { sources: { ...options, file: options.config }, loaded, running: config };
  const planes = await startPlanes({ start, foundation, capabilities, places, samples, ...onceOnly }, stack);
  for (const capability of each(capabilities)) await capability.start?.();
  startJobs(planes, { foundation, capabilities });
  const { ready, gateway, configuration } = planes;
  collectAfterStart(stack);
  await announce(foundation, { ...ready, socket: planes.socketPath, pid: process.pid }, stack);
  return {
    ready,
    gateway,
    // The log has its error.
    reload: () => configuration.reload(OPERATOR).then(nothing, nothing),
    stop: () => stack.disposeAsync(),
  };
}

function each(capabilities: Capabilities): Capability[] {
  return Object.values(capabilities);
}

const nothing = () => {};

/** The sender of a signal has the rights of our account. */
const OPERATOR: Actor = { kind: 'operator', name: 'signal' };

function startJobs(
  { gateway, configuration }: { gateway: Supervisor; configuration: ConfigurationState },
  { foundation, capabilities }: Pick<PlaneDeps, 'foundation' | 'capabilities'>,
): void {
  const { jobs, folder, clockWatch } = foundation;
  for (const job of [clockWatch.job, ...each(capabilities).flatMap(({ jobs = [] }) => jobs)]) jobs.start(job);
  clockWatch.onStep(() => jobs.runAll());
  const target = accessLogTarget(configuration.config(), folder);
  const maxBytes = () => configuration.config().log.accessMaxBytes;
  if (isAbsolute(target)) jobs.start(accessLogRotation(target, maxBytes, gateway.reopenLogs));
}

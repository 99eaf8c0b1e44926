// The composition root: opens the data folder, wires the capabilities, starts the listeners, and stops them again.
import { isAbsolute, resolve } from 'node:path';
import { serveSamples } from '@gatehouse/samples';
import { accessLogRotation } from './access-log-rotation.ts';
import type { Capabilities } from './capabilities.ts';
import { createCapabilities } from './capabilities.ts';
import type { Config } from './config.ts';
import { startControlPlane } from './control-plane.ts';
import type { Foundation } from './foundation.ts';
import { openFoundation } from './foundation.ts';
import type { Supervisor } from './gateway/index.ts';
import { startGateway } from './gateway/index.ts';
import { recordFact } from './gateway-facts.ts';
import type { GatewayRouting } from './gateway-sections.ts';
import {
  addGatewaySections,
  assertionKeysRoute,
  gatewaySections,
  openAssertionKey,
  wantsSamples,
} from './gateway-sections.ts';
import type { WaysIn } from './identity/index.ts';
import { createWaysIn } from './identity/index.ts';
import { loadConfig } from './load-config.ts';
import type { Places } from './places.ts';
import { findPlaces } from './places.ts';
import type { DataFolder } from './platform/data-folder.ts';
import { GatehouseError } from './platform/errors.ts';
import type { Route } from './platform/http/route.ts';
import { listenFailure } from './platform/listener.ts';
import { createLog } from './platform/log.ts';
import type { ReadyFacts } from './ready.ts';
import { announce, initialPasswordFile, keepRoots, readyFacts } from './ready.ts';
import { statusRoute } from './status.ts';

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
}

/** A server that has started. */
export interface RunningServer {
  ready: ReadyFacts;
  gateway: Supervisor;
  /** Stops accepting, finishes what runs, closes; within ten seconds. */
  stop(): Promise<void>;
}

const GRACE_SECONDS = 7;
const SAMPLES_GRACE_SECONDS = 1;

// A port that the system chose may be another's by the time it is bound.
const START_ATTEMPTS = 5;

/**
 * Starts the whole server. If it fails, nothing is left running.
 * @throws GatehouseError
 * @example
 * const server = await serve({ upstream: 'http://127.0.0.1:3000', set: [], environment: process.env });
 * process.once('SIGTERM', () => server.stop());
 */
export async function serve(options: ServeOptions): Promise<RunningServer> {
  const config = await loadConfig({ ...options, file: options.config });
  for (let attempt = 1; ; attempt += 1) {
    const stack = new AsyncDisposableStack();
    try {
      return await start(options, config, stack);
    } catch (error) {
      await stack.disposeAsync();
      if (attempt === START_ATTEMPTS || !lostChosenPort(error, config)) throw error;
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
  config: Config,
  stack: AsyncDisposableStack,
): Promise<RunningServer> {
  const { environment } = options;
  const foundation = await openFoundation(
    {
      data: options.data ?? environment.GATEHOUSE_DATA ?? '.gatehouse',
      masterKeyFile: environment.GATEHOUSE_MASTER_KEY_FILE,
      log: createLog(config.log.level),
    },
    stack,
  );
  const { folder } = foundation;
  const listeners = createPresentation();
  const places = await findPlaces(config);
  const capabilities = await createCapabilities(
    {
      ...foundation,
      initialPassword: initialPasswordFile(folder),
      urls: { control: places.control.url, pki: places.pki.url },
      controlPort: places.control.port,
      keepRoots: (rootsPem) => keepRoots(folder, rootsPem),
      present: listeners.present,
    },
    config,
  );
  await capabilities.identity.createAdministrator();
  const samples = wantsSamples(config) ? await startSamples(config, foundation, stack) : undefined;
  const planes = await startPlanes({ config, foundation, capabilities, places, samples }, stack);
  await listeners.attach(planes.present);
  stack.defer(() => capabilities.acme.close());
  await capabilities.acme.resume();
  startJobs(config, { foundation, capabilities, gateway: planes.gateway });
  const { ready } = planes;
  announce(foundation, { ...ready, socket: planes.socketPath, pid: process.pid }, stack);
  return { ready, gateway: planes.gateway, stop: () => stack.disposeAsync() };
}

interface PlaneDeps {
  config: Config;
  foundation: Foundation;
  capabilities: Capabilities;
  places: Places;
  /** The origin of the sample services, where they run. */
  samples: string | undefined;
}

/** The data plane and the control plane, and the way a change reaches both. */
async function startPlanes(deps: PlaneDeps, stack: AsyncDisposableStack) {
  const { config, foundation, capabilities, places, samples } = deps;
  const ready = readyFacts({ ...deps, folder: foundation.folder });
  const assertionKey = await openAssertionKey(foundation.keyStore);
  const { feed } = capabilities;
  const routing = await addGatewaySections(feed, { config, capabilities, places, assertionKey, samples });
  const listeners: { close(graceSeconds: number): Promise<void> }[] = [];
  stack.defer(async () => {
    await Promise.all(listeners.map((listener) => listener.close(GRACE_SECONDS)));
  });

  const gateway = await startDataPlane(deps, routing);
  listeners.push({ close: gateway.drain });
  const status = statusRoute({ clock: foundation.clock, capabilities, gateway, ready });
  const routes = [...controlRoutes(capabilities, places), assertionKeysRoute(assertionKey), status];
  const control = await startControlPlane(
    { ...foundation, waysIn: controlWaysIn(deps) },
    {
      config,
      places,
      identity: capabilities.ca.listenerIdentity(),
      routes,
      publicRoutes: capabilities.ca.publicRoutes,
    },
    (listener) => listeners.push(listener),
  );
  return {
    ready,
    gateway,
    socketPath: control.socketPath,
    async present() {
      const identity = capabilities.ca.listenerIdentity();
      control.https.present(identity);
      await feed.alter(() => routing.tls.replace([['default', identity]]));
    },
  };
}

async function startDataPlane(deps: PlaneDeps, { routes }: GatewayRouting): Promise<Supervisor> {
  const { config, foundation, capabilities, places } = deps;
  const { log, folder } = foundation;
  const { feed } = capabilities;
  const settings = { ...config.gateway, tls: config.tls, accessLog: accessLogTarget(config, folder) };
  const gateway = await startGateway(
    {
      log,
      logLevel: config.log.level,
      record: (fact) => recordFact({ ...foundation, capabilities }, fact),
      sections: () => gatewaySections(feed),
    },
    settings,
    { workers: config.gateway.workers, port: places.gateway.port, routes },
  );
  feed.subscribe(gateway);
  return gateway;
}

function controlRoutes({ identity, ca, acme, audit }: Capabilities, { gateway, control }: Places): Route[] {
  const names = { issuer: control.url, audience: [gateway.url, control.url] };
  return [...identity.routes(names), ...ca.routes, ...acme.routes, ...acme.adminRoutes, ...audit.routes];
}

/** As the gateway's, but for tokens that are meant for the control plane. */
function controlWaysIn({ foundation, capabilities, places }: PlaneDeps): WaysIn {
  const { identity, ca } = capabilities;
  const { users, keys, services } = identity.sections;
  const { issuers, certificates } = ca.sections;
  const { url } = places.control;
  return createWaysIn({
    principals: { users: users.entries, keys: keys.entries, services: services.entries },
    trust: { issuers: issuers.entries, certificates: certificates.entries },
    tokens: identity.trust({ issuer: url, audience: url }),
    clock: foundation.clock,
  });
}

async function startSamples(
  config: Config,
  { folder, log }: Foundation,
  stack: AsyncDisposableStack,
): Promise<string> {
  const { host, port } = config.samples.listen;
  const samples = await serveSamples({
    host,
    port,
    folder: folder.file('samples'),
    log: ({ event, ...facts }) =>
      log.info({ ...facts, err: 'error' in facts ? facts.error : undefined }, event),
    drainSeconds: SAMPLES_GRACE_SECONDS,
  }).catch((error: NodeJS.ErrnoException) => {
    throw listenFailure(error, config.samples.listen, 'samples.listen');
  });
  stack.defer(() => samples.close());
  return samples.url;
}

function startJobs(
  config: Config,
  {
    foundation,
    capabilities,
    gateway,
  }: Pick<PlaneDeps, 'foundation' | 'capabilities'> & { gateway: Supervisor },
): void {
  const { jobs, folder, clockWatch } = foundation;
  for (const job of [clockWatch.job, ...capabilities.ca.jobs, ...capabilities.acme.jobs]) jobs.start(job);
  clockWatch.onStep(() => jobs.runAll());
  const target = accessLogTarget(config, folder);
  if (isAbsolute(target))
    jobs.start(accessLogRotation(target, config.log.accessMaxBytes, gateway.reopenLogs));
}

function accessLogTarget({ log }: Config, folder: DataFolder): string {
  return log.access === 'stdout' || log.access === 'none' ? log.access : resolve(folder.path, log.access);
}

/** Hands the certificate of our listeners on, once there are listeners; what was to be presented before waits for them. */
function createPresentation() {
  let present: (() => Promise<void>) | undefined;
  let isOverdue = false;
  return {
    async present(): Promise<void> {
      isOverdue = present === undefined;
      await present?.();
    },
    async attach(attached: () => Promise<void>): Promise<void> {
      present = attached;
      if (isOverdue) await attached();
    },
  };
}

// `gatehouse config check`: finds everything that a start would refuse about a configuration, without
// starting.
import { resolve } from 'node:path';
import type { LogEvent, LogFacts } from '@gatehouse/access';
import { GatehouseError, LOG_EVENTS, systemClock } from '@gatehouse/access';
import { orderWarnings } from '../acme-client/index.ts';
import type { Config } from '../config.ts';
import { configSchema } from '../config.ts';
import { readSources } from '../configuration/index.ts';
import { planGateway, upstreamsOf } from '../data-plane/gateway-plan.ts';
import { chooseTransport } from '../gateway/index.ts';
import { dataFolderOf, urlOf, wantsSamples } from '../places.ts';
import { readSecretKeys } from '../samples/samples-secret.ts';
import type { ConfigurationSummary } from './configuration-state.ts';
import type { ConfigSources } from './load-config.ts';
import { parseSettings } from './load-config.ts';
import { listenProblems, settingsProblems } from './settings-problems.ts';

export interface CheckSources extends ConfigSources {
  /** The data folder; default: as for `serve`. */
  data?: string | undefined;
}

/** The findings of `checkConfiguration`. */
export interface CheckedConfiguration extends ConfigurationSummary {
  /** The mistakes, each a sentence; empty if a start would accept the configuration. */
  problems: string[];
  /** The warnings, each a sentence: a start accepts and logs them. */
  warnings: string[];
  /** The addresses that another program uses, perhaps a server with this configuration. */
  taken: TakenAddress[];
}

/** A port that cannot be listened on now. */
export interface TakenAddress {
  /** Such as `gateway.listen`. */
  setting: string;
  port: number;
}

/**
 * Also reads the files that the settings name, and the settings in the environment.
 * @example
 * const { problems } = await checkConfiguration({ file: 'gatehouse.config.ts', set: [], environment: {} });
 */
export async function checkConfiguration(sources: CheckSources): Promise<CheckedConfiguration> {
  const checked: CheckedConfiguration = {
    file: sources.file ?? null,
    digest: null,
    routes: 0,
    upstreams: 0,
    problems: [],
    warnings: [],
    taken: [],
  };
  try {
    const written = await readSources(configSchema, sources);
    checked.file = written.file?.path ?? null;
    checked.digest = written.file?.digest ?? null;
    const read = parseSettings(written);
    if (Array.isArray(read)) checked.problems.push(...read.map(({ message }) => message));
    else await examine(read, sources, checked);
  } catch (error) {
    if (!(error instanceof GatehouseError)) throw error;
    checked.problems.push(error.message);
  }
  return checked;
}

/** All mistakes that a start would refuse in settings that the schema accepts. */
async function examine(
  config: Config,
  { environment, data = dataFolderOf(environment) }: CheckSources,
  checked: CheckedConfiguration,
): Promise<void> {
  checked.problems.push(...settingsProblems(config, resolve(data)).map(({ message }) => message));
  readSecretKeys(config, environment);
  const listening = await listenProblems(config);
  checked.problems.push(...listening.filter(({ isTaken }) => !isTaken).map(({ message }) => message));
  checked.taken = listening.filter(({ isTaken }) => isTaken).map(({ setting, port }) => ({ setting, port }));
  const taken = checked.taken.map(({ setting }) => setting);
  if (taken.length > 0) checked.warnings.push(takenWarning(taken));
  checked.warnings.push(...config.gateway.acme.flatMap(orderWarnings));
  tryOut(config, checked);
}

function tryOut(config: Config, checked: CheckedConfiguration): void {
  const { samples, gateway, tls, ca } = config;
  const plan = planGateway(
    {
      clock: systemClock,
      log: { event: (event, facts) => void checked.warnings.push(warningOf(event, facts)) },
      ownRoots: () => '',
      obstacle: () => undefined,
      upstreamsChanged: async () => {},
      alpnObstacle: () => undefined,
      present: async () => {},
    },
    config,
    wantsSamples(config) ? urlOf('http', samples.listen, samples.listen.port) : undefined,
  );
  const keyTypes = [ca.keyType, ...plan.upstreamTls.keyTypes()];
  chooseTransport({
    setting: gateway.transport,
    tls,
    acme: gateway.acme,
    keyTypes,
    platform: process.platform,
  });
  checked.routes = plan.routes.length;
  checked.upstreams = upstreamsOf(plan);
}

/** A plan for a check logs only warnings. */
function warningOf(event: LogEvent, { message, ...facts }: LogFacts<LogEvent> = {}): string {
  const { certificate } = facts as { certificate?: string };
  return `${message ?? LOG_EVENTS[event].message}${certificate === undefined ? '' : ` (${certificate})`}`;
}

/** In most cases, a server with this configuration uses them. */
function takenWarning(settings: readonly string[]): string {
  return `These ports are taken, by a server that runs now or by another program: ${settings.join(', ')}.`;
}

// The configuration in force: its file, its content, and reloads of a running server. A configuration that
// cannot be served changes nothing.
import { GatehouseError } from '@gatehouse/access';
import type { Config } from '../config.ts';
import type { ConfigurationRecord } from '../configuration/index.ts';
import { readRecord, writeRecord } from '../configuration/index.ts';
import type { GatewayPlan } from '../data-plane/gateway-plan.ts';
import { upstreamsOf } from '../data-plane/gateway-plan.ts';
import type { ServedPlan } from '../data-plane/gateway-sections.ts';
import type { Foundation } from '../foundation.ts';
import { watchFiles } from '../gateway/index.ts';
import { wantsSamples } from '../places.ts';
import type { Actor } from '../platform/feed/events.ts';
import type { Job } from '../platform/jobs/jobs.ts';
import type { Log } from '../platform/log/log.ts';
import type { ConfigSources, LoadedConfig } from './load-config.ts';
import { loadConfig } from './load-config.ts';
import { differences, isReloadable, runnable } from './reloadable.ts';
import { refuseSettings } from './settings-problems.ts';
import type { ShownSetting } from './shown-settings.ts';
import { shownSettings } from './shown-settings.ts';

/** The configuration in force, for people. */
export interface ConfigurationSummary extends ConfigurationRecord {
  routes: number;
  /** The number of upstreams of the routes, each counted once. */
  upstreams: number;
}

/** The result of a reload. */
export interface ReloadReport extends ConfigurationSummary {
  /** The names of the settings that have a new value in force. */
  changed: string[];
  /** The names of the settings whose new value needs a restart. */
  needRestart: string[];
  /** Policies in force that do not fit the current routes and attributes. */
  warnings: string[];
}

export interface ConfigurationState {
  summary(): ConfigurationSummary;
  /** The settings in force. */
  config(): Config;
  /** The settings in the form that a person would write, each with its source. */
  settings(): ShownSetting[];
  /**
   * Reads the file again. Resolves when every worker serves the new configuration. Throws
   * `config_unreadable`, `config_unknown` or `config_invalid`. Then the configuration in force stays.
   */
  reload(actor: Actor): Promise<ReloadReport>;
  /** Reads the file again after it has changed, if `config.watch` is on. */
  watch: Job;
}

export interface ConfigurationDeps {
  foundation: Pick<Foundation, 'clock' | 'log' | 'database' | 'events' | 'folder'>;
  served: ServedPlan;
  /** The plan for a changed configuration. Throws `config_invalid`. */
  planFor(config: Config, samples: string | undefined): GatewayPlan;
  /**
   * Checks the folder of policies for a plan. The result is a function that puts them in force. Throws
   * `config_invalid`.
   */
  preparePolicies(plan: GatewayPlan): Promise<() => Promise<void>>;
  /** A sentence for each policy in force that does not fit the current routes and attributes. */
  policyWarnings(): Promise<string[]>;
  /** The origin of the sample services, if they run. */
  samples: string | undefined;
}

export interface ConfigurationStart {
  sources: ConfigSources;
  loaded: LoadedConfig;
  /** The configuration with which the server runs. Some settings are resolved at the start. */
  running: Config;
}

const WATCH_SECONDS = 1;
const SYSTEM: Actor = { kind: 'system', name: 'gatehouse' };

export function createConfigurationState(
  { foundation, served, planFor, preparePolicies, policyWarnings, samples }: ConfigurationDeps,
  { sources, loaded: started, running }: ConfigurationStart,
): ConfigurationState {
  const { log } = foundation;
  let loaded = started;
  let config = running;
  let watched = watchFiles(pathsOf(started));
  /** Reloads happen one after the other. */
  let turn: Promise<unknown> = Promise.resolve();

  function summary(): ConfigurationSummary {
    const { routes } = served.current;
    return { ...recordOf(loaded), routes: routes.length, upstreams: upstreamsOf(served.current) };
  }

  async function readAgain(actor: Actor, path: string): Promise<ReloadReport> {
    watched = watchFiles(pathsOf(started));
    const next = await loadConfig({ ...sources, file: path });
    // Also checks changes that need a restart, because otherwise that restart would be refused.
    refuseSettings(next.config, foundation.folder.path);
    const needRestart = differences(started.config, next.config).filter((name) => !isReloadable(name));
    const changed = differences(loaded.config, next.config).filter(isReloadable);
    const nextConfig = runnable(running, next.config);
    const plan = planFor(nextConfig, samplesFor(nextConfig, samples));
    const applyPolicies = await preparePolicies(plan);
    await recordConfiguration(foundation, recordOf(next), { actor, changed, needRestart });
    await served.replace(plan);
    await applyPolicies();
    [loaded, config] = [next, nextConfig];
    log.level = config.log.level;
    const report = { ...summary(), changed, needRestart };
    log.event(changed.length > 0 ? 'configuration.in_force' : 'configuration.unchanged', report);
    if (needRestart.length > 0) log.event('configuration.needs_restart', { settings: needRestart });
    return { ...report, warnings: await policyWarnings() };
  }

  function reload(actor: Actor): Promise<ReloadReport> {
    const { file } = started.written;
    if (file === undefined) {
      log.event('configuration.no_file');
      return Promise.reject(withoutFile());
    }
    const done = turn.then(() => readAgain(actor, file.path));
    turn = done.catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      log.event('configuration.refused', { reason });
    });
    return done;
  }

  return {
    summary,
    config: () => config,
    settings: () => shownSettings({ started: started.written, current: loaded.written }),
    reload,
    watch: {
      name: 'read the changed configuration file',
      intervalSeconds: WATCH_SECONDS,
      async run() {
        if (!config.config.watch || !watched.haveChanged()) return;
        // The log has its error.
        await reload(SYSTEM).catch(() => {});
      },
    },
  };
}

/** Writes the record and the ledger's entry, if the configuration differs from the recorded one. */
export async function recordConfiguration(
  { database, events, clock }: Pick<Foundation, 'database' | 'events' | 'clock'>,
  record: ConfigurationRecord,
  { actor = SYSTEM, ...facts }: { actor?: Actor; changed?: string[]; needRestart?: string[] } = {},
): Promise<void> {
  await database.write(async (tx) => {
    const before = await readRecord(tx);
    if (before?.file === record.file && before.digest === record.digest) return;
    await writeRecord(tx, record, clock.now());
    // A first start without a file loads no configuration.
    if (before === undefined && record.file === null) return;
    const { file, digest } = record;
    await events.publish(tx, {
      type: 'configuration.loaded',
      actor,
      outcome: 'success',
      subject: file,
      data: { digest, ...facts },
    });
  });
}

/** Nothing to log at a first start, and if the file is the same as at the last start. */
export function tellOfOtherFile(
  log: Pick<Log, 'event'>,
  before: ConfigurationRecord | undefined,
  { file }: ConfigurationRecord,
): void {
  if (before === undefined || before.file === file) return;
  log.event('configuration.other_file', { file, before: before.file });
}

export function recordOf({ written: { file } }: LoadedConfig): ConfigurationRecord {
  return { file: file?.path ?? null, digest: file?.digest ?? null };
}

function pathsOf({ written: { file } }: LoadedConfig): string[] {
  return file === undefined ? [] : [file.path];
}

/** The listener of the sample services is opened only at the start. */
function samplesFor(config: Config, samples: string | undefined): string | undefined {
  if (!wantsSamples(config)) return undefined;
  if (samples !== undefined) return samples;
  throw new GatehouseError(
    'config_invalid',
    'The configuration no longer has an upstream: set gateway.upstream. The sample services start only after a restart.',
  );
}

function withoutFile(): GatehouseError {
  return new GatehouseError(
    'config_unreadable',
    'This server was started without a configuration file, so there is nothing to read again: restart it with --config FILE.',
  );
}

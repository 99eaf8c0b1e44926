// The TLS settings for upstreams, from `gateway.upstreams`: the section `upstreams`. The files are read here,
// in the control plane, and again when they change. With unusable files the server does not start. If they
// become unusable later, the old content stays in force.
import type { Clock, GatewayRoute, UpstreamTls } from '@gatehouse/access';
import { GatehouseError } from '@gatehouse/access';
import type { Job } from '../../platform/jobs/jobs.ts';
import type { Log } from '../../platform/log/log.ts';
import type { ConfiguredUpstream } from '../settings.ts';
import { readKeyFiles, readRoots } from './key-files.ts';
import { keyTypesOf } from './key-types.ts';
import type { WatchedFiles } from './watched-files.ts';
import { WATCH_INTERVAL_SECONDS, watchFiles } from './watched-files.ts';

type WithTls = Exclude<ConfiguredUpstream, string>;

/** The entry of the section for `https` upstreams without settings for TLS. */
export const SYSTEM_ROOTS = 'the roots of the system';

export interface UpstreamTlsDeps {
  clock: Clock;
  log: Pick<Log, 'event'>;
  /** Our own roots, PEM. They change when the authority does. */
  ownRoots(): string;
  /** PEM. Called once, and only if an upstream needs them. */
  systemRoots(): string;
  /** Why the running workers cannot use keys of these types; undefined if they can. */
  obstacle(keyTypes: readonly string[]): string | undefined;
  /** Sends `entries()` to the workers. Resolves when all of them have applied it. */
  changed(): Promise<void>;
}

export interface UpstreamTlsSources {
  upstreams: Readonly<Record<string, ConfiguredUpstream>>;
  /** The resolved routes, which show which upstreams need the roots of the system. */
  routes: readonly Pick<GatewayRoute, 'upstreamTls'>[];
}

export interface WatchedUpstreamTls {
  /** The entries of the section `upstreams`. */
  entries(): [name: string, tls: UpstreamTls][];
  /** The key types of the certificates and roots in the files, as Node names them. */
  keyTypes(): string[];
  /** Whether our own roots differ from those that `entries` last returned. */
  isStale(): boolean;
  /** Checks whether files have changed. */
  watch: Job;
}

/** Settings, and the last usable content of their files. */
interface Watched {
  name: string;
  settings: WithTls;
  files: WatchedFiles;
  read: UpstreamTls;
}

/** Whether this upstream has TLS settings. */
export function hasTlsSettings({ ca, pin, certificate }: WithTls): boolean {
  return ca !== undefined || pin !== undefined || certificate !== undefined;
}

/** Reads all files. Throws `config_invalid`, naming the setting and the file. */
export function watchUpstreamTls(
  given: UpstreamTlsDeps,
  { upstreams, routes }: UpstreamTlsSources,
): WatchedUpstreamTls {
  let systemRoots: string | undefined;
  const deps = {
    ...given,
    systemRoots() {
      systemRoots ??= given.systemRoots();
      return systemRoots;
    },
  };
  const watched = Object.entries(upstreams).flatMap(([name, settings]): Watched[] => {
    if (typeof settings === 'string' || !hasTlsSettings(settings)) return [];
    const files = watchFiles(filesOf(settings));
    return [{ name, settings, files, read: readAtStart(name, settings, deps) }];
  });
  const unnamed: [string, UpstreamTls][] = routes.some(({ upstreamTls }) => upstreamTls === SYSTEM_ROOTS)
    ? [[SYSTEM_ROOTS, { ...NO_SETTINGS, ca: deps.systemRoots() }]]
    : [];
  const usesOwnRoots = watched.some(({ settings }) => settings.ca === 'own');
  let ownRoots = deps.ownRoots();

  function entries(): [string, UpstreamTls][] {
    ownRoots = deps.ownRoots();
    const named = watched.map(({ name, settings, read }): [string, UpstreamTls] => [
      name,
      settings.ca === 'own' ? { ...read, ca: ownRoots } : read,
    ]);
    return [...named, ...unnamed];
  }

  const isStale = () => usesOwnRoots && deps.ownRoots() !== ownRoots;

  /** Returns whether the workers need an update. */
  function check(its: Watched): boolean {
    if (!its.files.haveChanged()) return false;
    const upstream = its.name;
    try {
      const read = readUpstream(its.settings, deps);
      const reason = deps.obstacle(keyTypesIn(its.settings, read));
      if (reason === undefined) {
        its.read = read;
        return true;
      }
      deps.log.event('upstream.files_unusable', { upstream, reason });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      deps.log.event('upstream.files_refused', { upstream, reason });
    }
    return false;
  }

  return {
    entries,
    keyTypes: () => watched.flatMap(({ settings, read }) => keyTypesIn(settings, read)),
    isStale,
    watch: {
      name: 'read changed files of gateway.upstreams',
      intervalSeconds: WATCH_INTERVAL_SECONDS,
      async run() {
        const changed = watched.filter(check);
        if (changed.length === 0 && !isStale()) return;
        await deps.changed();
        for (const { name } of changed) {
          deps.log.event('upstream.files_in_force', { upstream: name });
        }
      },
    },
  };
}

function filesOf({ ca, certificate, key }: WithTls): string[] {
  return [ca === 'own' ? undefined : ca, certificate, key].filter((path) => path !== undefined);
}

function readAtStart(name: string, settings: WithTls, deps: UpstreamTlsDeps): UpstreamTls {
  try {
    return readUpstream(settings, deps);
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/\.$/, '') : String(error);
    const detail = `Setting gateway.upstreams.${name} is not valid: ${reason}.`;
    throw new GatehouseError('config_invalid', detail, { cause: error });
  }
}

const NO_SETTINGS: UpstreamTls = {
  ca: undefined,
  pin: undefined,
  certificate: undefined,
  privateKey: undefined,
};

/** Throws an `Error` that names the file and the reason. */
function readUpstream(settings: WithTls, deps: UpstreamTlsDeps): UpstreamTls {
  const { pin, certificate, key } = settings;
  const trust = { ...NO_SETTINGS, ca: rootsFor(settings, deps), pin };
  if (certificate === undefined || key === undefined) return trust;
  const { leaf, certificateChain, privateKey } = readKeyFiles({ certificate, key });
  warnOfEnd(certificate, leaf, deps);
  return { ...trust, certificate: certificateChain, privateKey };
}

/** With a pin and no roots, only the key counts. */
function rootsFor({ ca, pin }: WithTls, { ownRoots, systemRoots }: UpstreamTlsDeps): string | undefined {
  if (ca === undefined) return pin === undefined ? systemRoots() : undefined;
  return ca === 'own' ? ownRoots() : readRoots(ca);
}

const SOON_MS = 7 * 86_400_000;

/**
 * An expired certificate is only a warning: this upstream refuses it, but the other upstreams are not
 * affected.
 */
function warnOfEnd(
  certificate: string,
  { notAfter }: { notAfter: Date },
  { clock, log }: Pick<UpstreamTlsDeps, 'clock' | 'log'>,
): void {
  const left = notAfter.getTime() - clock.now();
  if (left >= SOON_MS) return;
  const what = left < 0 ? 'has expired: renew it' : 'expires soon';
  const message = `a certificate of gateway.upstreams ${what}`;
  log.event('upstream.certificate_ends', { certificate, notAfter, message });
}

/** Without the system's roots: a rare key type in that long list does not matter for this upstream. */
function keyTypesIn({ ca: path }: WithTls, { ca, certificate }: UpstreamTls): string[] {
  return keyTypesOf(`${(path && ca) ?? ''}${certificate ?? ''}`);
}

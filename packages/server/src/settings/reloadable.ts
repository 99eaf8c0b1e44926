// The settings that a reload of the configuration file applies. All others need a restart, and a reload names
// them.
import { isDeepStrictEqual } from 'node:util';
import type { Config } from '../config.ts';
import { assign, valueAt } from '../configuration/index.ts';
import { settingPaths } from './load-config.ts';

const RELOADABLE = new Set([
  'authz.policies',
  'authz.roles',
  'config.watch',
  'gateway.acme',
  'gateway.certificates',
  'gateway.clientCertificates',
  'gateway.maxBodyBytes',
  'gateway.maxConnections',
  'gateway.maxHeaderBytes',
  'gateway.maxHeaders',
  'gateway.minBodyBytesPerSecond',
  'gateway.routes',
  'gateway.signatures.maxBodyBytes',
  'gateway.timeouts.body',
  'gateway.timeouts.connect',
  'gateway.timeouts.firstByte',
  'gateway.timeouts.headers',
  'gateway.timeouts.idle',
  'gateway.timeouts.stall',
  'gateway.upstream',
  'gateway.upstreams',
  'log.accessMaxBytes',
  'log.level',
]);

/** Whether a reload puts a changed value of this setting in force. */
export function isReloadable(name: string): boolean {
  return RELOADABLE.has(name);
}

/** The names of the settings in which the two differ. */
export function differences(one: Config, other: Config): string[] {
  return settingPaths()
    .filter((path) => !isDeepStrictEqual(valueAt(one, path), valueAt(other, path)))
    .map((path) => path.join('.'));
}

/** The settings of `next`. Those that need a restart have their values of the start. */
export function runnable(started: Config, next: Config): Config {
  const merged = structuredClone(started);
  for (const path of settingPaths()) {
    if (isReloadable(path.join('.'))) assign(merged, path, structuredClone(valueAt(next, path)));
  }
  return merged;
}

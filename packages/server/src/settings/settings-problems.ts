// Finds what a start refuses in settings that the schema accepts: names, networks, profiles, files and
// addresses. `config check` uses the same checks.
import { resolve } from 'node:path';
import { GatehouseError } from '@gatehouse/access';
import { acmeChecks } from '../acme/index.ts';
import { authzChecks } from '../authz/index.ts';
import { caChecks } from '../ca/index.ts';
import { auditChecks } from '../capabilities.ts';
import type { Config } from '../config.ts';
import { identityChecks } from '../identity/index.ts';
import { refuseLoop, requireDistinct, wantsSamples } from '../places.ts';
import { requireWritable } from '../platform/data-folder/writable-place.ts';
import type { ListenAddress } from '../platform/listening/listener.ts';
import { probePort } from '../platform/listening/listener.ts';

/** `dataFolder`: its absolute path. It need not exist yet. */
export function settingsProblems(config: Config, dataFolder: string): GatehouseError[] {
  const { audit, authz, identity, ca, acme, log, tls } = config;
  const write = (setting: string, path: string | undefined) => () => {
    if (path !== undefined) requireWritable(resolve(dataFolder, path), { setting, dataFolder });
  };
  const isFile = log.access !== 'stdout' && log.access !== 'none';
  const checks = [
    () => requireDistinct(config),
    () => refuseLoop(config),
    ...auditChecks(audit, dataFolder),
    ...identityChecks(identity),
    ...caChecks(ca),
    ...acmeChecks(acme, ca),
    ...authzChecks(authz),
    write('log.access', isFile ? log.access : undefined),
    write('tls.keyLog', tls.keyLog),
  ];
  return checks.flatMap(problemOf);
}

/** Throws the first problem. */
export function refuseSettings(config: Config, dataFolder: string): void {
  const [first] = settingsProblems(config, dataFolder);
  if (first !== undefined) throw first;
}

export interface ListenProblem {
  setting: string;
  port: number;
  message: string;
  /** Perhaps a running server uses it. */
  isTaken: boolean;
}

/** Addresses on which this process cannot listen. */
export async function listenProblems(config: Config): Promise<ListenProblem[]> {
  const { gateway, control, pki, samples } = config;
  const all = { gateway, control, pki, ...(wantsSamples(config) && { samples }) };
  const probes = Object.entries(all).map(([name, { listen }]) => probe(listen, `${name}.listen`));
  if (gateway.httpListen) probes.push(probe(gateway.httpListen, 'gateway.httpListen'));
  return (await Promise.all(probes)).filter((problem) => problem !== undefined);
}

async function probe(address: ListenAddress, setting: string): Promise<ListenProblem | undefined> {
  try {
    await probePort(address, setting);
    return undefined;
  } catch (error) {
    const { message, cause } = error as GatehouseError;
    return {
      setting,
      port: address.port,
      message,
      isTaken: (cause as NodeJS.ErrnoException).code === 'EADDRINUSE',
    };
  }
}

function problemOf(check: () => unknown): GatehouseError[] {
  try {
    check();
    return [];
  } catch (error) {
    if (!(error instanceof GatehouseError)) throw error;
    return [error];
  }
}

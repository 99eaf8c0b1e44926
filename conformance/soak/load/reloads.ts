// Changed configuration files, reloaded one after the other. Each differs from the one before it in routes
// and their order, in the upstream, and in limits, and must be in force for every new request after the
// answer to the reload.
import { writeFileSync } from 'node:fs';
import { adminOf } from '../../support/admin-api.ts';
import { ask } from '../../support/https-client.ts';
import type { ChangedServer } from './changes.ts';

export interface ReloadedServer extends ChangedServer {
  /** The configuration file of the start. */
  file: string;
  /** Two origins with the same answers. */
  upstreams: readonly [string, string];
}

/** New connections after each reload, so that every worker is likely to be asked. */
const CHECKS = 4;

/** The configuration number `number`, in JSON. `/load` is in each of them. */
export function configurationFor(number: number, upstreams: readonly [string, string]): string {
  const routes = [
    { path: `/only-in-${number}`, access: 'public' },
    { path: '/load', allow: { roles: number % 2 === 0 ? ['user'] : ['user', 'admin'] } },
    ...(number % 3 === 0 ? [] : [{ path: '/certified', accept: ['mtls'] }]),
  ];
  return JSON.stringify({
    gateway: {
      upstream: upstreams[number % 2],
      routes: number % 4 < 2 ? routes : routes.toReversed(),
      maxHeaders: 100 + number,
      timeouts: { connect: `${5 + (number % 5)}s`, idle: `${30 + number}s` },
    },
  });
}

/** Returns, in words, the configurations that were not in force. */
export async function makeReloads(server: ReloadedServer, count: number): Promise<string[]> {
  const admin = adminOf(server.data);
  const faults: string[] = [];
  for (let number = 1; number <= count; number += 1) {
    writeFileSync(server.file, configurationFor(number, server.upstreams));
    await admin('POST', '/admin/config/reload');
    faults.push(...(await differences(server, `/only-in-${number}`, 200)));
    faults.push(...(await differences(server, `/only-in-${number - 1}`, 404)));
  }
  return faults;
}

async function differences({ port, ca }: ReloadedServer, path: string, wanted: number): Promise<string[]> {
  const checks = Array.from({ length: CHECKS }, async () => {
    const { status } = await ask({ port, ca, path });
    return status === wanted ? [] : [`${path} answered ${status} instead of ${wanted} after the reload`];
  });
  return (await Promise.all(checks)).flat();
}

// Gatehouse as a contender, in its own process: as a plain TLS proxy like the peers, and with every request
// authenticated, authorised by its route, and forwarded with an assertion about the caller.
import { cpSync } from 'node:fs';
import { VERSION } from '@gatehouse/server';
import type { BenchOptions, TransportName } from '../area.ts';
import type { Build } from '../builds.ts';
import { buildsOf } from '../builds.ts';
import type { Contender, Site } from '../contender.ts';
import type { GatehouseCredentials } from '../gatehouse-credentials.ts';
import { NAMES_OF_ITSELF } from '../gatehouse-credentials.ts';
import { dataFolder, startGatehouse } from '../gatehouse-start.ts';
import { programsOf } from '../process-usage.ts';

export interface GatehouseVariant {
  build: Build;
  /** Undefined for a build without this setting. */
  transport?: TransportName | undefined;
}

/** This build with each transport, and the other build with its own choice. */
export function gatehouseVariants({ against, transports }: Pick<BenchOptions, 'against' | 'transports'>) {
  const [own, other] = buildsOf({ against });
  const variants: GatehouseVariant[] = [];
  if (own) variants.push(...(transports ?? BOTH).map((transport) => ({ build: own, transport })));
  if (other) variants.push({ build: other });
  return variants;
}

// The same idle time as for the peers.
const KEPT = '600s';
const BOTH: readonly TransportName[] = ['bun', 'node'];
const WORDS = { auto: '', bun: ' on Bun', node: ' on Node' };

/** A public route to the upstream. */
export function gatehouse(variant: GatehouseVariant): Contender {
  return {
    name: nameOf(variant),
    install: '',
    version: () => VERSION,
    async start(site) {
      const { program, root } = await startVariant(variant, site, { access: 'public' });
      return { program, root };
    },
  };
}

/** A route for callers with a credential and the role `user`. */
export function gatehouseWith(
  kind: 'token' | 'apiKey',
  prepared: GatehouseCredentials,
  variant: GatehouseVariant,
): Contender {
  return {
    name: `${nameOf(variant)}, ${kind === 'token' ? 'token' : 'API key'}`,
    install: '',
    version: () => VERSION,
    async start(site) {
      cpSync(prepared.dataFolder, dataFolder(site.folder), { recursive: true });
      const route = { access: 'authenticated', allow: { roles: ['user'] } };
      const { program, root } = await startVariant(variant, site, route);
      return { program, root, credentials: prepared[kind] };
    },
  };
}

function nameOf({ build, transport }: GatehouseVariant): string {
  return `${build.name}${WORDS[transport ?? 'auto']}`;
}

async function startVariant({ build, transport }: GatehouseVariant, site: Site, route: object) {
  const { port, upstreamPort, workers, accessLog } = site;
  const upstream = `http://127.0.0.1:${upstreamPort}`;
  const started = await startGatehouse(
    { ...site, checkout: build.checkout },
    {
      gateway: {
        ...NAMES_OF_ITSELF.gateway,
        listen: `127.0.0.1:${port}`,
        workers,
        timeouts: { idle: KEPT },
        routes: [{ path: '/*', upstream, ...route }],
        ...(transport && { transport }),
      },
      control: NAMES_OF_ITSELF.control,
      log: { access: accessLog ? 'access.log' : 'none', level: 'warn' },
    },
  );
  if (transport && transport !== 'auto') requireTransport(started.program.pid, transport);
  return started;
}

/** Throws if the data plane does not run on the chosen transport. */
function requireTransport(pid: number, transport: 'bun' | 'node'): void {
  const programs = programsOf(pid);
  if (programs.includes('bun') === (transport === 'bun')) return;
  throw new Error(`Gatehouse was to serve on ${transport}, and runs ${programs.join(', ')}`);
}

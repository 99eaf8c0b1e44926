// Gatehouse as a contender, in its own process: as a plain TLS proxy, which is what the peers do, and with every request
// authenticated by an API key and authorised.
import { VERSION } from '@gatehouse/server';
import type { Build } from '../builds.ts';
import type { Contender, Site } from '../contender.ts';
import { createAdminKey, startGatehouse } from '../gatehouse-start.ts';

/** A public route to the upstream. */
export function gatehouse({ name, checkout }: Build): Contender {
  return {
    name,
    install: '',
    version: () => VERSION,
    async start(site) {
      const { program, root } = await startGatehouse({ ...site, checkout }, configuration(site, 'public'));
      return { program, root, headers: {} };
    },
  };
}

/** The same with a route that only admits callers with a credential. */
export function gatehouseWithApiKey({ name, checkout }: Build): Contender {
  return {
    name: `${name}, API key`,
    install: '',
    version: () => VERSION,
    async start(site) {
      const started = await startGatehouse({ ...site, checkout }, configuration(site, 'authenticated'));
      const { program, root, socket } = started;
      return { program, root, headers: { 'X-API-Key': await createAdminKey(socket) } };
    },
  };
}

function configuration({ port, upstreamPort, workers }: Site, access: 'public' | 'authenticated') {
  const upstream = `http://127.0.0.1:${upstreamPort}`;
  return { gateway: { listen: `127.0.0.1:${port}`, workers, routes: [{ path: '/*', access, upstream }] } };
}

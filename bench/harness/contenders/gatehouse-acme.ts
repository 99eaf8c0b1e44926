// Gatehouse as an ACME contender: with its defaults, except for the port of http-01.
import { VERSION } from '@gatehouse/server';
import type { Build } from '../builds.ts';
import type { Contender, OwnSite } from '../contender.ts';
import { startGatehouse } from '../gatehouse-start.ts';
import type { StartedAcme } from './caddy-acme.ts';

/** `httpPort`: where validation connects. */
export function gatehouseAcme({ name, checkout }: Build, httpPort: number): Contender<OwnSite, StartedAcme> {
  return {
    name,
    install: '',
    version: () => VERSION,
    async start(site) {
      const { program, root, control } = await startGatehouse({ ...site, checkout }, { acme: { httpPort } });
      return { program, root, directory: `${control}/acme/directory` };
    },
  };
}

// Finds the mistakes in the settings under `acme` that a start would refuse.
import type { z } from 'zod';
import type { CaSettings } from '../ca/index.ts';
import { createNamePolicy } from './order/identifiers.ts';
import { maxLifetimeOf } from './ordered-profile.ts';
import type { acmeSettings } from './settings.ts';
import { createNetworks } from './validation/networks.ts';
import { createResolver } from './validation/resolver.ts';

/** Each throws `config_invalid`. */
export function acmeChecks(
  { networks, names, resolver, profile }: z.output<typeof acmeSettings>,
  { profiles }: Pick<CaSettings, 'profiles'>,
): (() => unknown)[] {
  return [
    () => createNetworks(networks),
    () => createNamePolicy(names),
    () => createResolver(resolver),
    () => maxLifetimeOf(profile, profiles),
  ];
}

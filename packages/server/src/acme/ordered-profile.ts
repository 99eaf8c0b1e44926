// The profile of the authority for ACME's certificates.
import { GatehouseError } from '@gatehouse/access';
import type { CaSettings } from '../ca/index.ts';

/**
 * The longest life of an ordered certificate. Throws `config_invalid` if the profile does not exist, or is
 * not for servers: its certificates would not have the ordered names (RFC 8555 §7.4).
 */
export function maxLifetimeOf(name: string, configured: CaSettings['profiles']): number {
  const profiles = new Map(Object.entries(configured));
  const profile = profiles.get(name);
  if (profile?.purposes.includes('server')) return profile.maxLifetime;
  const forServers = [...profiles].filter(([, { purposes }]) => purposes.includes('server'));
  const problem = profile
    ? `the profile ${name} is only for clients, and its certificates do not have the ordered names`
    : `there is no profile ${name}`;
  throw new GatehouseError(
    'config_invalid',
    `Setting acme.profile is not valid: ${problem}; ${adviceOf(forServers.map(([name]) => name))}.`,
  );
}

function adviceOf(forServers: readonly string[]): string {
  if (forServers.length === 0) return 'give a profile of ca.profiles the purpose server, and name it here';
  return `name a profile for servers: ${forServers.join(', ')}`;
}

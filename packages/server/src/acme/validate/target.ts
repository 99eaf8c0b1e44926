// Where to connect for a host (attack 58): its addresses are looked up once, those outside `acme.networks` fall away, and what is left
// is connected to by address, so that no second look-up can lead elsewhere.
import { isIP } from 'node:net';
import type { Networks } from '../networks.ts';
import { AcmeError } from '../problem.ts';
import { isConnectFailure } from './failure.ts';
import type { Resolver } from './resolver.ts';

export interface Targets {
  /** Allowed addresses of a DNS name or an IP address, at most three. Throws AcmeError `dns` or `connection`. */
  of(host: string): Promise<string[]>;
}

const MAX_ADDRESSES = 3;

export function createTargets(resolver: Resolver, networks: Networks): Targets {
  return {
    async of(host) {
      const addresses = isIP(host) === 0 ? await resolver.addresses(host) : [host];
      const allowed = addresses.filter((address) => networks.has(address));
      if (allowed.length > 0) return allowed.slice(0, MAX_ADDRESSES);
      throw new AcmeError(
        'connection',
        `${host} is at ${addresses.slice(0, MAX_ADDRESSES).join(', ') || 'no address'}, where validation does not connect: see acme.networks.`,
      );
    },
  };
}

/** Tries one address after the other until one can be connected to. Only a failure to connect leads to the next. */
export async function firstConnected<T>(
  addresses: readonly string[],
  attempt: (address: string) => Promise<T>,
): Promise<T> {
  const [address = '', ...others] = addresses;
  try {
    return await attempt(address);
  } catch (error) {
    if (others.length === 0 || !isConnectFailure(error)) throw error;
    return firstConnected(others, attempt);
  }
}

// Where to connect for a host (attack 58): its addresses are looked up once, those outside `acme.networks` fall away, and what is left
// is connected to by address, so that no second look-up can lead elsewhere.
import { isIP } from 'node:net';
import { createLimiter } from '../../platform/limiter.ts';
import { CONNECTIONS_TO_ADDRESS } from '../limits.ts';
import { AcmeError, shown } from '../problem.ts';
import { isConnectFailure, tooManyValidations } from './failure.ts';
import type { Networks } from './networks.ts';
import type { Resolver } from './resolver.ts';

export interface Targets {
  /**
   * Tries one address of a DNS name or an IP address after the other, at most three, until one can be connected to. Only a failure
   * to connect leads to the next. Throws AcmeError `dns` or `connection`, and what `attempt` throws.
   */
  connect<T>(host: string, attempt: (address: string) => Promise<T>): Promise<T>;
}

const MAX_ADDRESSES = 3;

// Whoever waits here runs as a validation already, of which there are so many and no more.
const CONNECTIONS = {
  atOnce: Number.POSITIVE_INFINITY,
  waiting: Number.POSITIVE_INFINITY,
  atOnceOfOne: CONNECTIONS_TO_ADDRESS,
  waitingOfOne: Number.POSITIVE_INFINITY,
};

export function createTargets(resolver: Resolver, networks: Networks): Targets {
  const connections = createLimiter(CONNECTIONS, tooManyValidations);

  async function allowedAddresses(host: string): Promise<string[]> {
    const addresses = isIP(host) === 0 ? await resolver.addresses(host) : [host];
    const allowed = addresses.filter((address) => networks.has(address));
    if (allowed.length > 0) return allowed.slice(0, MAX_ADDRESSES);
    throw new AcmeError(
      'connection',
      `${shown(host)} is at ${addresses.slice(0, MAX_ADDRESSES).join(', ') || 'no address'}, where validation does not connect: see acme.networks.`,
    );
  }

  return {
    async connect(host, attempt) {
      const addresses = await allowedAddresses(host);
      return firstConnected(addresses, (address) => connections.run(address, () => attempt(address)));
    },
  };
}

async function firstConnected<T>(
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

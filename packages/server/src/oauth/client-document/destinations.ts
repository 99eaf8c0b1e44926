// The addresses from which documents about clients may be fetched: public ones, and the networks of the
// setting. Anyone can name the URL of a document, and so make this server send a request (server-side request
// forgery).
import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { createAddressSet } from '@gatehouse/access';

export interface Destinations {
  /** The addresses of a host that may be used. Rejects with `DocumentError` if there is none. */
  addressesOf(host: string): Promise<LookupAddress[]>;
  has(address: string): boolean;
}

/** A document that cannot be used. `message` says why, and the developer of the client may see it. */
export class DocumentError extends Error {}

export type Resolve = (host: string) => Promise<LookupAddress[]>;

const resolveAll: Resolve = (host) => lookup(host, { all: true });

/** `networks` are allowed although they are not public. */
export function createDestinations(networks: readonly string[], resolve: Resolve = resolveAll): Destinations {
  const special = createAddressSet(SPECIAL);
  const allowed = createAddressSet(networks);
  const has = (address: string) => allowed.has(address) || !special.has(address);

  async function all(host: string): Promise<LookupAddress[]> {
    const family = isIP(host);
    if (family !== 0) return [{ address: host, family }];
    return resolve(host).catch((cause: unknown) => {
      throw new DocumentError(`the name ${host} has no address`, { cause });
    });
  }

  return {
    has,
    async addressesOf(host) {
      const usable = (await all(host)).filter(({ address }) => has(address));
      if (usable.length > 0) return usable;
      throw new DocumentError(`${host} has no public address, and its network is not in the setting`);
    },
  };
}

/**
 * Addresses that are not public, or cannot be connected to: IANA's registries of special-purpose addresses
 * (RFC 6890).
 */
const SPECIAL = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10', // carrier-grade NAT (RFC 6598)
  '127.0.0.0/8',
  '168.63.129.16', // Azure's metadata
  '169.254.0.0/16', // link-local, where clouds offer their metadata
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3', // multicast and reserved
  '::/96', // loopback, unspecified, IPv4-compatible
  '::ffff:0:0:0/96', // IPv4-translated
  '64:ff9b::/96', // NAT64
  '64:ff9b:1::/48',
  '100::/64',
  '2001::/23',
  '2001:db8::/32',
  '2002::/16', // 6to4
  '3fff::/20',
  '5f00::/16',
  'fc00::/7',
  'fe80::/9', // link-local and site-local
  'ff00::/8',
];

// Sets of IP addresses, given as addresses and as networks in CIDR notation (RFC 4632 §3.1). An IPv4 address
// that is written as an IPv6 one counts as the IPv4 address that it is.
import { BlockList, isIP } from 'node:net';

export interface AddressSet {
  has(address: string): boolean;
}

interface Network {
  address: string;
  prefix: number;
  family: 'ipv4' | 'ipv6';
}

/**
 * Whether `text` is an address or a network.
 * @example
 * isNetwork('10.0.0.0/8');
 */
export function isNetwork(text: string): boolean {
  return parseNetwork(text) !== undefined;
}

/** Ignores what is no network: `isNetwork` was asked before. */
export function createAddressSet(networks: readonly string[]): AddressSet {
  const lists = { ipv4: new BlockList(), ipv6: new BlockList() };
  for (const text of networks) {
    const network = parseNetwork(text);
    if (network) lists[network.family].addSubnet(network.address, network.prefix, network.family);
  }
  return {
    has(text) {
      const address = text.replace(/^::ffff:(?=\d+\.)/i, '');
      const family = familyOf(address);
      return family !== undefined && lists[family].check(address, family);
    },
  };
}

function parseNetwork(text: string): Network | undefined {
  const [, address = '', length] = /^([^/%]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const family = familyOf(address);
  if (family === undefined) return undefined;
  const most = family === 'ipv4' ? 32 : 128;
  const prefix = length === undefined ? most : Number(length);
  return prefix > most ? undefined : { address, prefix, family };
}

function familyOf(address: string): Network['family'] | undefined {
  const version = isIP(address);
  if (version === 4) return 'ipv4';
  return version === 6 && !address.includes('%') ? 'ipv6' : undefined;
}

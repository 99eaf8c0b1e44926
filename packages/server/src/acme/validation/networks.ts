// The addresses to which validation may connect (RFC 8555 §10.4): the networks of `acme.networks`.
// Link-local, metadata, multicast and unspecified addresses are refused even if they are configured, and so
// are IPv4 addresses that are written as IPv6 ones.
import { BlockList, isIP } from 'node:net';
import { GatehouseError } from '@gatehouse/access';

/**
 * A set of IP addresses. It has separate lists for IPv4 and IPv6, because Node's list treats a mapped address
 * as the IPv4 address in it.
 */
export interface AddressSet {
  has(address: string): boolean;
}

/** Validation may connect to these addresses. */
export type Networks = AddressSet;

/** Reads `acme.networks`. Throws `config_invalid`, also for a network in which every address is refused. */
export function createNetworks(cidrs: readonly string[]): Networks {
  const allowed = createAddressSet(cidrs.map(readAllowed));
  return { has: (address) => allowed.has(address) && !(never.has(address) && address !== LOOPBACK) };
}

interface Network {
  address: string;
  prefix: number;
  family: 4 | 6;
}

function createAddressSet(networks: readonly Network[]): AddressSet {
  const v4 = new BlockList();
  const v6 = new BlockList();
  for (const { address, prefix, family } of networks) {
    (family === 4 ? v4 : v6).addSubnet(address, prefix, family === 4 ? 'ipv4' : 'ipv6');
  }
  return {
    has(address) {
      const family = isIP(address);
      if (family === 4) return v4.check(address, 'ipv4');
      return family === 6 && !address.includes('%') && v6.check(address, 'ipv6');
    },
  };
}

function readAllowed(cidr: string): Network {
  const network = readNetwork(cidr);
  if (!isNever(network)) return network;
  const what = 'link-local, metadata, multicast or reserved addresses, or IPv4 ones written as IPv6';
  throw notValid(
    `validation never connects to ${JSON.stringify(cidr)} (${what}); leave it out, or write a network ` +
      'such as 10.0.0.0/8 or fd00::/8',
  );
}

function readNetwork(cidr: string): Network {
  const network = parseCidr(cidr);
  if (network) return network;
  throw notValid(`${JSON.stringify(cidr)} must be a network such as 10.0.0.0/8 or fd00::/8, or an address`);
}

/** A network such as `10.0.0.0/8`, or a single address. */
function parseCidr(text: string): Network | undefined {
  const [, address = '', digits] = /^([0-9a-fA-F.:]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const family = isIP(address);
  if (family !== 4 && family !== 6) return undefined;
  const bits = family === 4 ? 32 : 128;
  const prefix = digits === undefined ? bits : Number(digits);
  return prefix <= bits ? { address, prefix, family } : undefined;
}

/**
 * Whether one of the networks below contains all of it. No two of them are the halves of a larger network.
 */
function isNever(network: Network): boolean {
  if (createAddressSet([network]).has(LOOPBACK)) return false;
  return NEVER.some((each) => network.prefix >= each.prefix && createAddressSet([each]).has(network.address));
}

function notValid(reason: string): GatehouseError {
  return new GatehouseError('config_invalid', `Setting acme.networks is not valid: ${reason}.`);
}

const LOOPBACK = '::1';

const NEVER = [
  '0.0.0.0/8', // this host on this network (RFC 1122 §3.2.1.3)
  '169.254.0.0/16', // link-local (RFC 3927), where clouds offer their metadata
  '168.63.129.16/32', // Azure
  '100.100.100.200/32', // Alibaba Cloud
  '192.0.0.192/32', // Oracle Cloud
  '224.0.0.0/3', // multicast (RFC 5771), reserved, and broadcast (RFC 1112 §4)
  '::/96', // unspecified, and IPv4-compatible (RFC 4291 §2.5.5.1); the loopback address is allowed
  '::ffff:0:0/96', // IPv4-mapped (RFC 4291 §2.5.5.2)
  '::ffff:0:0:0/96', // IPv4-translated (RFC 2765 §2.1)
  '64:ff9b::/96', // NAT64 (RFC 6052 §2.1)
  '64:ff9b:1::/48', // NAT64, local use (RFC 8215)
  '2001::/32', // Teredo (RFC 4380)
  '2002::/16', // 6to4 (RFC 3056)
  'fd00:ec2::/32', // Amazon's metadata and its neighbours
  'fd20:ce::254/128', // Google's metadata
  'fe80::/9', // link-local (RFC 4291 §2.5.6), and site-local, deprecated (RFC 3879)
  'ff00::/8', // multicast
].map(readNetwork);

const never = createAddressSet(NEVER);

// Sets of IP addresses, given as addresses and as networks in CIDR notation (RFC 4632 §3.1). An IPv4 address
// in IPv6 form (RFC 4291 §2.5.5.2) is treated as IPv4.

/** Addresses and networks. */
export interface AddressSet {
  has(address: string): boolean;
}

interface Address {
  value: bigint;
  /** 32 or 128. */
  bits: number;
}

interface Network extends Address {
  prefix: number;
}

/**
 * Whether `text` is an address or a network.
 * @example
 * isNetwork('10.0.0.0/8');
 */
export function isNetwork(text: string): boolean {
  return parseNetwork(text) !== undefined;
}

/**
 * Ignores texts that are not networks: check with `isNetwork` first.
 * @example
 * createAddressSet(['10.0.0.0/8']).has('10.1.2.3');
 */
export function createAddressSet(texts: readonly string[]): AddressSet {
  const networks = texts.map(parseNetwork).filter((network) => network !== undefined);
  return {
    has(text) {
      const address = parseAddress(text);
      if (address === undefined) return false;
      const same = isMapped(address) ? { value: lastBits(address), bits: 32 } : address;
      return networks.some((network) => contains(network, same));
    },
  };
}

function contains({ value, bits, prefix }: Network, address: Address): boolean {
  const rest = BigInt(bits - prefix);
  return bits === address.bits && value >> rest === address.value >> rest;
}

function parseNetwork(text: string): Network | undefined {
  const [, start = '', length] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const address = parseAddress(start);
  if (address === undefined) return undefined;
  const prefix = length === undefined ? address.bits : Number(length);
  if (prefix > address.bits) return undefined;
  if (prefix < MAPPED_PREFIX || !isMapped(address)) return { ...address, prefix };
  return { value: lastBits(address), bits: 32, prefix: prefix - MAPPED_PREFIX };
}

const MAPPED_PREFIX = 96;

/** Whether it is in `::ffff:0:0/96` (RFC 4291 §2.5.5.2), in any spelling. */
function isMapped({ value, bits }: Address): boolean {
  return bits === 128 && value >> 32n === 0xffffn;
}

function lastBits({ value }: Address): bigint {
  return value & 0xffff_ffffn;
}

function parseAddress(text: string): Address | undefined {
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text);
}

/** Four decimal numbers. Leading zeros are refused: some programs read them as octal. */
function parseIpv4(text: string): Address | undefined {
  const octets = /^(?:(?:0|[1-9]\d{0,2})(?:\.(?!$)|$)){4}$/.test(text) ? text.split('.').map(Number) : [];
  if (octets.length !== 4 || octets.some((octet) => octet > 255)) return undefined;
  return { value: octets.reduce((sum, octet) => sum * 256n + BigInt(octet), 0n), bits: 32 };
}

/** The URL parser checks it, and returns the canonical form (RFC 5952). A zone is refused. */
function parseIpv6(text: string): Address | undefined {
  const url = /^[\da-f:.]+$/i.test(text) ? URL.parse(`http://[${text}]`) : null;
  if (url === null) return undefined;
  const [head = '', tail] = url.hostname.slice(1, -1).split('::');
  const [before, after] = [head, tail ?? ''].map((part) => (part === '' ? [] : part.split(':')));
  const zeros = Array.from({ length: 8 - (before?.length ?? 0) - (after?.length ?? 0) }, () => '0');
  const groups = [...(before ?? []), ...zeros, ...(after ?? [])];
  return { value: groups.reduce((sum, group) => sum * 65_536n + BigInt(`0x${group}`), 0n), bits: 128 };
}

// Cedar's `ipaddr`: an address or a range in CIDR form, of IPv4 or IPv6. IPv4 written inside IPv6
// (`::ffff:1.2.3.4`) is refused, so that one address has one version.
import { EvaluationError } from '../../evaluation-error.ts';

/** Addresses of IPv4 are numbers, those of IPv6 are bigints. */
export interface IpAddress {
  readonly kind: 'ip';
  readonly version: 4 | 6;
  readonly address: number | bigint;
  readonly prefix: number;
  /** The first address of the range, and the address after the last one. */
  readonly first: number | bigint;
  readonly end: number | bigint;
}

const OCTET = /^(?:0|[1-9][0-9]{0,2})$/;
const GROUP = /^[0-9A-Fa-f]{1,4}$/;
const PREFIX = /^(?:0|[1-9][0-9]{0,2})$/;

/**
 * Throws an `EvaluationError`.
 * @example
 * isInRange(ipAddress('10.1.2.3'), ipAddress('10.0.0.0/8')); // true
 */
export function ipAddress(text: string): IpAddress {
  const slash = text.indexOf('/');
  const address = addressOf(slash === -1 ? text : text.slice(0, slash));
  if (address === undefined) throw notAddress(text);
  const bits = typeof address === 'number' ? 32 : 128;
  const prefix = slash === -1 ? bits : prefixOf(text.slice(slash + 1), bits);
  if (prefix === undefined) throw notAddress(text);
  return typeof address === 'number' ? range4(address, prefix) : range6(address, prefix);
}

/** Whether every address of `inner` is in `outer`. */
export function isInRange(inner: IpAddress, outer: IpAddress): boolean {
  return inner.version === outer.version && outer.first <= inner.first && inner.end <= outer.end;
}

const LOOPBACK = ['127.0.0.0/8', '::1'].map(ipAddress);
const MULTICAST = ['224.0.0.0/4', 'ff00::/8'].map(ipAddress);

export function isLoopback(address: IpAddress): boolean {
  return LOOPBACK.some((range) => isInRange(address, range));
}

export function isMulticast(address: IpAddress): boolean {
  return MULTICAST.some((range) => isInRange(address, range));
}

function range4(address: number, prefix: number): IpAddress {
  const size = 2 ** (32 - prefix);
  const first = address - (address % size);
  return { kind: 'ip', version: 4, address, prefix, first, end: first + size };
}

function range6(address: bigint, prefix: number): IpAddress {
  const size = 1n << BigInt(128 - prefix);
  const first = address - (address % size);
  return { kind: 'ip', version: 6, address, prefix, first, end: first + size };
}

function prefixOf(text: string, bits: number): number | undefined {
  const prefix = PREFIX.test(text) ? Number(text) : Number.NaN;
  return prefix <= bits ? prefix : undefined;
}

function addressOf(text: string): number | bigint | undefined {
  return text.includes(':') ? address6(text) : address4(text);
}

function address4(text: string): number | undefined {
  const octets = text.split('.');
  if (octets.length !== 4 || !octets.every((octet) => OCTET.test(octet) && Number(octet) < 256))
    return undefined;
  return octets.reduce((address, octet) => address * 256 + Number(octet), 0);
}

/** RFC 4291 §2.2. `::` stands for at least one group of zeros. */
function address6(text: string): bigint | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [head = [], tail] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const given = head.length + (tail?.length ?? 0);
  if (tail ? given > 7 : given !== 8) return undefined;
  const groups = [...head, ...Array<string>(8 - given).fill('0'), ...(tail ?? [])];
  if (!groups.every((group) => GROUP.test(group))) return undefined;
  return groups.reduce((address, group) => (address << 16n) | BigInt(`0x${group}`), 0n);
}

function notAddress(text: string): EvaluationError {
  return new EvaluationError(`"${text}" is not an IP address: write, for example, 10.0.0.0/8 or ffee::/64.`);
}

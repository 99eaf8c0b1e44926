// Whence a request came, for limits: an IPv4 address, or the /64 of an IPv6 address, since whoever has one has all of it (RFC 6177 §2).
import { isIP } from 'node:net';
import { addressGroups } from '../validation/reverse-name.ts';

const SUBNET_GROUPS = 4;

/** `address`: the peer's, in whatever form Node gives it. */
export function sourceOf(address: string): string {
  const mapped = address.replace(/^::ffff:(?=[\d.]+$)/i, '');
  if (isIP(mapped) !== 6) return mapped;
  const [unscoped = ''] = mapped.split('%');
  return addressGroups(unscoped).slice(0, SUBNET_GROUPS).join(':');
}

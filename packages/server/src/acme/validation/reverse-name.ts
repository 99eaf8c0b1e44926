// The DNS name that maps an IP address back (RFC 1034 §5.2.1, RFC 3596 §2.5).
import { isIP } from 'node:net';
import { addressGroups } from '../../platform/limits/address-share.ts';

/** `address`: dotted decimal, or IPv6 in the form of RFC 5952. */
export function reverseName(address: string): string {
  if (isIP(address) === 4) return `${address.split('.').reverse().join('.')}.in-addr.arpa`;
  const nibbles = addressGroups(address)
    .map((group) => group.padStart(4, '0'))
    .join('');
  return `${[...nibbles].reverse().join('.')}.ip6.arpa`;
}

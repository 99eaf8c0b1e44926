// Serial numbers as text (RFC 5280 §4.1.2.2): lower-case hex in whole octets, without the leading zero of a
// positive INTEGER. Certificates from elsewhere may have negative serial numbers: their text begins with `-`.
import type { DerReader } from './der/read.ts';
import { type DerNode, integer, unsignedInteger } from './der/write.ts';

/**
 * Writes a serial number as INTEGER.
 * @throws TypeError for text that is not lower-case hex in whole octets
 */
export function serialNumberInteger(hex: string): DerNode {
  if (!/^-?([\da-f]{2})+$/.test(hex))
    throw new TypeError('a serial number is lower-case hex in whole octets');
  return hex.startsWith('-')
    ? integer(-BigInt(`0x${hex.slice(1)}`))
    : unsignedInteger(Buffer.from(hex, 'hex'));
}

/**
 * Reads one serial number as hex.
 * @throws DerError
 */
export function readSerialNumber(reader: DerReader): string {
  const value = reader.integer();
  const digits = (value < 0n ? -value : value).toString(16);
  return `${value < 0n ? '-' : ''}${digits.length % 2 === 0 ? '' : '0'}${digits}`;
}

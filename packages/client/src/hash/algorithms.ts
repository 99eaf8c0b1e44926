// The hash functions by name: SHA-2 and SHA-3 (FIPS 180-4, FIPS 202), BLAKE2 (RFC 7693). MD5 (RFC 1321) makes
// no new hashes: it is only for checking files that have no better sum.

/**
 * The names of all hash functions, for lists of choices.
 * @example
 * const isKnown = (hashAlgorithms as readonly string[]).includes(name);
 */
export const hashAlgorithms = [
  'sha224',
  'sha256',
  'sha384',
  'sha512',
  'sha512-256',
  'sha3-224',
  'sha3-256',
  'sha3-384',
  'sha3-512',
  'blake2b512',
  'blake2s256',
] as const;

/** The name of a hash function. */
export type HashAlgorithm = (typeof hashAlgorithms)[number];

/** Includes those that only check existing hashes. */
export type CheckAlgorithm = HashAlgorithm | 'md5';

/** Throws `TypeError` for an unknown name, and for `md5`. */
export function requireAlgorithm(name: string): void {
  if ((hashAlgorithms as readonly string[]).includes(name)) return;
  if (name === 'md5') throw new TypeError('md5 is only for checking: make new hashes with sha256');
  throw new TypeError(`unknown hash algorithm ${name}: use one of ${hashAlgorithms.join(', ')}`);
}

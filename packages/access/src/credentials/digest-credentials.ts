// The credentials of Digest (RFC 7616 §3.4), with qop `auth` only. Refuses the forms without qop (RFC 2069),
// `auth-int`, hashed user names, `-sess` algorithms and encoded user names, because the challenge does not
// offer them.
import { hash, timingSafeEqual } from 'node:crypto';
import { GatehouseError } from '../errors/errors.ts';
import type { DigestAlgorithm } from '../principals/principals.ts';
import { parseAuthParams } from './auth-params.ts';

/**
 * The realm of all our challenges. It never changes, because the stored H(A1) contain it.
 * @example
 * const a1 = `${name}:${REALM}:${password}`;
 */
export const REALM = 'gatehouse';

export interface DigestCredentials {
  username: string;
  realm: string;
  nonce: string;
  uri: string;
  algorithm: DigestAlgorithm;
  /** Eight hexadecimal digits, as sent, because the digest contains them. */
  nc: string;
  /** `nc` as a number. */
  count: number;
  cnonce: string;
  /** Lower-case hex. */
  response: string;
  opaque: string | undefined;
}

const HASHES: Readonly<Record<DigestAlgorithm, { name: string; hexDigits: number }>> = {
  'SHA-256': { name: 'sha256', hexDigits: 64 },
  'SHA-512-256': { name: 'sha512-256', hexDigits: 64 },
  MD5: { name: 'md5', hexDigits: 32 },
};
/**
 * The algorithms, strongest first. MD5 is accepted only when a setting says so.
 * @example
 * const facts = DIGEST_ALGORITHMS.map((algorithm) => digestSecret(algorithm, name, password));
 */
export const DIGEST_ALGORITHMS: readonly DigestAlgorithm[] = ['SHA-512-256', 'SHA-256', 'MD5'];

/** Takes the text after the scheme. Throws `credential_malformed`. */
export function parseDigestCredentials(value: string): DigestCredentials {
  const params = paramsOf(value);
  const required = (name: string) => params.get(name) ?? refuse(`have no ${name}`);
  const algorithm = algorithmOf(params.get('algorithm'));
  if (required('qop') !== 'auth') refuse('have another qop than auth');
  if ((params.get('userhash') ?? 'false').toLowerCase() !== 'false') refuse('hash the user name');
  const nc = required('nc');
  if (!/^[0-9a-f]{8}$/i.test(nc)) refuse('have a nonce count that is not eight hexadecimal digits');
  const response = required('response').toLowerCase();
  if (!/^[0-9a-f]+$/.test(response) || response.length !== HASHES[algorithm].hexDigits) {
    refuse('have a response that is not a digest');
  }
  return {
    username: required('username'),
    realm: required('realm'),
    nonce: required('nonce'),
    uri: required('uri'),
    algorithm,
    nc,
    count: Number.parseInt(nc, 16),
    cnonce: required('cnonce'),
    response,
    opaque: params.get('opaque'),
  };
}

function paramsOf(value: string): ReadonlyMap<string, string> {
  try {
    return parseAuthParams(value);
  } catch (error) {
    if (error instanceof SyntaxError) return refuse(`cannot be read: ${error.message}`);
    throw error;
  }
}

/** RFC 7616 §3.4: without an algorithm, it is MD5. */
function algorithmOf(name = 'MD5'): DigestAlgorithm {
  const known = DIGEST_ALGORITHMS.find((algorithm) => algorithm.toLowerCase() === name.toLowerCase());
  return known ?? refuse('name an algorithm that was not offered');
}

/**
 * H(A1) of RFC 7616 §3.4.2, which is stored instead of the password.
 * @example
 * const secret = digestSecret('SHA-256', 'alice', password);
 */
export function digestSecret(algorithm: DigestAlgorithm, username: string, password: string): string {
  return hash(HASHES[algorithm].name, `${username}:${REALM}:${password}`, 'hex');
}

/** Whether the response (RFC 7616 §3.4.1) matches this secret and method. Compares in constant time. */
export function digestMatches(
  { algorithm, nonce, nc, cnonce, uri, response }: DigestCredentials,
  secret: string,
  method: string,
): boolean {
  const { name } = HASHES[algorithm];
  const request = hash(name, `${method}:${uri}`, 'hex');
  const expected = hash(name, `${secret}:${nonce}:${nc}:${cnonce}:auth:${request}`, 'buffer');
  return timingSafeEqual(expected, Buffer.from(response, 'hex'));
}

function refuse(what: string): never {
  throw new GatehouseError('credential_malformed', `The Digest credentials ${what} (RFC 7616 §3.4).`);
}

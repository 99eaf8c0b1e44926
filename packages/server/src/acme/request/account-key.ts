// Account keys: public JWKs (RFC 7517), their thumbprints (RFC 7638), and signatures by them (RFC 7518 §3,
// RFC 8037). Refuses private keys, RSA below 2048 bits, other curves, and algorithms that do not fit the key.
import type { KeyObject } from 'node:crypto';
import { createPublicKey, hash, verify } from 'node:crypto';
import { AcmeError } from '../problem.ts';
import type { Jws } from './jws.ts';

export interface AccountKey {
  /** Only the required members, in the order of RFC 7638 §3. */
  jwk: Readonly<Record<string, string>>;
  /** SHA-256, base64url. */
  thumbprint: string;
  key: KeyObject;
  algorithm: SignatureAlgorithm;
  /** DER of the public key, to compare it with the key of a certificate. */
  spki: Uint8Array;
}

/** The accepted values of "alg". `Ed25519` is the newer name of `EdDSA` with that curve (RFC 9864). */
export const SIGNATURE_ALGORITHMS = ['ES256', 'ES384', 'RS256', 'EdDSA', 'Ed25519'] as const;
export type SignatureAlgorithm = 'ES256' | 'ES384' | 'RS256' | 'EdDSA';

/** Reads a JWK. Throws `badPublicKey`. */
export function readAccountKey(value: unknown): AccountKey {
  const { names, members } = requiredMembers(value);
  const key = importKey(members);
  const algorithm = algorithmOf(key);
  // Uses the key as Node writes it, not as the client sent it: with leading zeros, one key would have two
  // thumbprints.
  const exported = new Map(Object.entries(key.export({ format: 'jwk' })));
  const jwk = Object.fromEntries(names.map((name) => [name, String(exported.get(name))]));
  const spki = key.export({ type: 'spki', format: 'der' });
  return { jwk, key, algorithm, spki, thumbprint: hash('sha256', JSON.stringify(jwk), 'base64url') };
}

/**
 * Throws `badSignatureAlgorithm` if the algorithm does not fit the key, and `malformed` for a wrong
 * signature.
 */
export function verifySignature(jws: Jws, { key, algorithm }: AccountKey): void {
  const { names, digest, bytes } = SIGNATURES[algorithm];
  if (!names.some((name) => name === jws.header.alg)) throw unsupportedAlgorithm(algorithm);
  const fits = bytes === undefined || jws.signature.length === bytes;
  const dsaEncoding = 'ieee-p1363';
  if (fits && verify(digest, jws.signingInput, { key, dsaEncoding }, jws.signature)) return;
  throw new AcmeError('malformed', 'The signature does not fit the request and the key.');
}

interface Signature {
  names: readonly (typeof SIGNATURE_ALGORITHMS)[number][];
  digest: string | null;
  bytes?: number;
}

const SIGNATURES: Record<SignatureAlgorithm, Signature> = {
  ES256: { names: ['ES256'], digest: 'sha256', bytes: 64 },
  ES384: { names: ['ES384'], digest: 'sha384', bytes: 96 },
  RS256: { names: ['RS256'], digest: 'sha256' },
  EdDSA: { names: ['EdDSA', 'Ed25519'], digest: null, bytes: 64 },
};

/**
 * The members that a key of each type must have, in the order of a thumbprint (RFC 7638 §3.2, RFC 8037 §2).
 */
const REQUIRED: Readonly<Record<string, readonly string[]>> = {
  EC: ['crv', 'kty', 'x', 'y'],
  OKP: ['crv', 'kty', 'x'],
  RSA: ['e', 'kty', 'n'],
};
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

function requiredMembers(value: unknown): { names: readonly string[]; members: Record<string, string> } {
  if (typeof value !== 'object' || value === null) throw badKey('"jwk" must be a JSON object');
  const given = new Map<string, unknown>(Object.entries(value).filter(([, member]) => member !== null));
  if (PRIVATE_MEMBERS.some((name) => given.has(name))) {
    throw badKey('The JWK has a private key: send only public keys, and use a new key from now on');
  }
  const names = REQUIRED[String(given.get('kty'))];
  if (names === undefined) throw badKey('"kty" of the JWK must be EC, OKP or RSA');
  const absent = names.find((name) => typeof given.get(name) !== 'string');
  if (absent !== undefined) throw badKey(`"${absent}" of the JWK is missing`);
  return { names, members: Object.fromEntries(names.map((name) => [name, String(given.get(name))])) };
}

function importKey(jwk: Record<string, string>): KeyObject {
  try {
    return createPublicKey({ key: jwk, format: 'jwk' });
  } catch (error) {
    throw badKey('The JWK is not a valid key', error);
  }
}

const RSA_MIN_BITS = 2048;
// The cost of verifying grows with the square of the length.
const RSA_MAX_BITS = 8192;
const RSA_EXPONENT = 65_537n;

function algorithmOf({ asymmetricKeyType, asymmetricKeyDetails = {} }: KeyObject): SignatureAlgorithm {
  const { namedCurve, modulusLength = 0, publicExponent = 0n } = asymmetricKeyDetails;
  if (asymmetricKeyType === 'ed25519') return 'EdDSA';
  if (namedCurve === 'prime256v1') return 'ES256';
  if (namedCurve === 'secp384r1') return 'ES384';
  const isRsa = asymmetricKeyType === 'rsa' && publicExponent === RSA_EXPONENT;
  if (isRsa && modulusLength >= RSA_MIN_BITS && modulusLength <= RSA_MAX_BITS) return 'RS256';
  throw badKey(
    `An account key must be P-256, P-384, Ed25519, or RSA of ${RSA_MIN_BITS} to ${RSA_MAX_BITS} bits with ` +
      `exponent ${RSA_EXPONENT}`,
  );
}

function unsupportedAlgorithm(algorithm: SignatureAlgorithm): AcmeError {
  return new AcmeError('badSignatureAlgorithm', `This key signs with ${algorithm}.`, {
    algorithms: SIGNATURE_ALGORITHMS,
  });
}

function badKey(problem: string, cause?: unknown): AcmeError {
  return new AcmeError('badPublicKey', `${problem}.`, { cause });
}

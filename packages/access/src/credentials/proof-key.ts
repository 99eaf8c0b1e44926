// The public key in the header of a proof (RFC 9449 §4.2): a JWK with the members for its kind and no private
// ones, and its thumbprint (RFC 7638). Refuses weak RSA keys, and all curves except P-256 and Ed25519.
import type { JsonWebKeyInput, KeyObject } from 'node:crypto';
import { constants, createPublicKey, hash, verify } from 'node:crypto';

/** The algorithms of proofs, by their names in the challenge. */
export const PROOF_ALGORITHMS = ['ES256', 'EdDSA', 'RS256', 'PS256'] as const;
export type ProofAlgorithm = (typeof PROOF_ALGORITHMS)[number];

export interface ProofKey {
  /** base64url of the SHA-256 of the canonical JWK: `jkt` (RFC 9449 §6.1). */
  thumbprint: string;
  /** Whether the signature with `algorithm` comes from this key. */
  verifies(algorithm: ProofAlgorithm, input: Uint8Array, signature: Uint8Array): boolean;
}

// In the order of RFC 7638 §3: the names sorted.
const MEMBERS: Readonly<Record<string, readonly string[]>> = {
  EC: ['crv', 'kty', 'x', 'y'],
  OKP: ['crv', 'kty', 'x'],
  RSA: ['e', 'kty', 'n'],
};
// RFC 7518 §6.2.2, §6.3.2, §6.4.1.
const PRIVATE = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];
const LEAST_RSA_BITS = 2048;
const MOST_RSA_BITS = 8192;
const KIND: Readonly<Record<ProofAlgorithm, string>> = {
  ES256: 'EC P-256',
  EdDSA: 'OKP Ed25519',
  RS256: 'RSA',
  PS256: 'RSA',
};
const EC_SIGNATURE_OCTETS = 64;

/** Throws `SyntaxError` unless it is a public key of these kinds. */
export function readProofKey(jwk: unknown): ProofKey {
  const members = canonicalMembers(jwk);
  const kind = members.kty === 'RSA' ? 'RSA' : `${members.kty} ${members.crv}`;
  const key = importKey(members);
  if (kind === 'RSA') requireStrength(key);
  return {
    thumbprint: hash('sha256', JSON.stringify(members), 'base64url'),
    verifies: (algorithm, input, signature) =>
      KIND[algorithm] === kind && isSigned(algorithm, { key, input, signature }),
  };
}

/** Exactly the required members, in order. */
function canonicalMembers(jwk: unknown): Record<string, string> {
  if (typeof jwk !== 'object' || jwk === null || Array.isArray(jwk)) throw new SyntaxError('no public key');
  const given = jwk as Readonly<Record<string, unknown>>;
  if (PRIVATE.some((name) => Object.hasOwn(given, name))) throw new SyntaxError('a private key');
  const names =
    typeof given.kty === 'string' && Object.hasOwn(MEMBERS, given.kty) ? MEMBERS[given.kty] : undefined;
  if (!names) throw new SyntaxError('another kind of key');
  const members: Record<string, string> = {};
  for (const name of names) {
    const value = Object.hasOwn(given, name) ? given[name] : undefined;
    if (typeof value !== 'string') throw new SyntaxError(`a key without ${name}`);
    members[name] = value;
  }
  return members;
}

function importKey(members: Record<string, string>): KeyObject {
  const { kty, crv } = members;
  if (kty !== 'RSA' && !Object.values(KIND).includes(`${kty} ${crv}`)) throw new SyntaxError('another curve');
  for (const name of ['x', 'y', 'n', 'e']) {
    const value = members[name];
    // Another spelling of the same number would have another thumbprint.
    if (value !== undefined && Buffer.from(value, 'base64url').toString('base64url') !== value) {
      throw new SyntaxError(`${name} is not base64url`);
    }
  }
  try {
    return createPublicKey({ key: members as JsonWebKeyInput['key'], format: 'jwk' });
  } catch (cause) {
    throw new SyntaxError('a key that cannot be used', { cause });
  }
}

function requireStrength(key: KeyObject): void {
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (bits < LEAST_RSA_BITS || bits > MOST_RSA_BITS)
    throw new SyntaxError('an RSA key that is too short or too long');
}

interface Signed {
  key: KeyObject;
  input: Uint8Array;
  signature: Uint8Array;
}

/** The library may fail on a malicious key. Such a key verifies nothing. */
function isSigned(algorithm: ProofAlgorithm, signed: Signed): boolean {
  try {
    return verifySignature(algorithm, signed);
  } catch {
    return false;
  }
}

function verifySignature(algorithm: ProofAlgorithm, { key, input, signature }: Signed): boolean {
  if (algorithm === 'EdDSA') return verify(null, input, key, signature);
  if (algorithm === 'ES256') {
    return (
      signature.length === EC_SIGNATURE_OCTETS &&
      verify('sha256', input, { key, dsaEncoding: 'ieee-p1363' }, signature)
    );
  }
  if (algorithm === 'RS256') return verify('sha256', input, key, signature);
  // RFC 7518 §3.5: the salt is as long as the hash.
  return verify(
    'sha256',
    input,
    { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 },
    signature,
  );
}

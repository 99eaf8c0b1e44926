// The keys of signatures (RFC 9421 §3.3). The algorithm is a property of the key, so a signature cannot
// choose it. For example, it cannot use a public key as an HMAC secret, or another RSA padding. Refuses weak
// keys.
import { primitives as platform } from '#crypto';
import type { AsymmetricAlgorithm, Bytes, CryptoPrimitives, MaybePromise } from '../crypto/primitives.ts';
import { MessageSignatureError } from './errors.ts';

/** The algorithms of signatures, as the registry of RFC 9421 §6.2.2 names them. */
export type SignatureAlgorithm = AsymmetricAlgorithm | 'hmac-sha256';

/** A key that signs. */
export interface MessageSigner {
  readonly algorithm: SignatureAlgorithm;
  sign(data: Bytes): MaybePromise<Bytes>;
}

/** A key that verifies. */
export interface MessageVerifier {
  readonly algorithm: SignatureAlgorithm;
  verify(data: Bytes, signature: Bytes): MaybePromise<boolean>;
}

/** A key as JSON (RFC 7517). Members that do not concern the key itself are allowed. */
export type JsonKey = Readonly<Record<string, unknown>>;

/**
 * A public key that verifies: Ed25519, P-256, P-384, or RSA of at least 2048 bits.
 * @throws MessageSignatureError `signature_key_invalid`, also for a private key
 * @example
 * const key = await importVerifyingKey(keySet.keys[0]);
 */
export async function importVerifyingKey(
  jwk: JsonKey,
  primitives: CryptoPrimitives = platform,
): Promise<MessageVerifier> {
  if (PRIVATE.some((name) => Object.hasOwn(jwk, name)))
    throw unusable('is a private key: give the public one');
  const algorithm = algorithmOf(jwk);
  const verify = await orUnusable(() => primitives.importVerifier(algorithm, publicMembers(jwk)));
  return { algorithm, verify };
}

/**
 * A private key that signs.
 * @throws MessageSignatureError `signature_key_invalid`
 * @example
 * const key = await importSigningKey(createPrivateKey(pem).export({ format: 'jwk' }));
 */
export async function importSigningKey(
  jwk: JsonKey,
  primitives: CryptoPrimitives = platform,
): Promise<MessageSigner> {
  if (!Object.hasOwn(jwk, 'd')) throw unusable('is a public key: give the private one');
  const algorithm = algorithmOf(jwk);
  const sign = await orUnusable(() =>
    primitives.importSigner(algorithm, members(jwk, [...MEMBERS[kindOf(jwk)], ...PRIVATE])),
  );
  return { algorithm, sign };
}

const LEAST_SECRET_OCTETS = 32;

/**
 * A secret that both ends have (hmac-sha256). It has at least 32 octets.
 * @throws MessageSignatureError `signature_key_invalid`
 * @example
 * const key = sharedSecret(await readFile('secret'));
 */
export function sharedSecret(
  secret: Uint8Array,
  primitives: CryptoPrimitives = platform,
): MessageSigner & MessageVerifier {
  if (secret.length < LEAST_SECRET_OCTETS) throw unusable('is a secret of fewer than 32 octets');
  const mac = primitives.hmacSha256(secret);
  return {
    algorithm: 'hmac-sha256',
    sign: mac,
    async verify(data, signature) {
      const expected = await mac(data);
      return signature.length === expected.length && primitives.equalInConstantTime(expected, signature);
    },
  };
}

type Kind = 'OKP' | 'EC' | 'RSA';

// RFC 7518 §6, RFC 8037 §2.
const PRIVATE = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];
const MEMBERS: Readonly<Record<Kind, readonly string[]>> = {
  OKP: ['kty', 'crv', 'x'],
  EC: ['kty', 'crv', 'x', 'y'],
  RSA: ['kty', 'n', 'e'],
};
/** The allowed values of the member `alg` of a key (RFC 7518 §3.1, RFC 9864). */
const JOSE_NAMES: Readonly<Record<AsymmetricAlgorithm, readonly string[]>> = {
  ed25519: ['EdDSA', 'Ed25519'],
  'ecdsa-p256-sha256': ['ES256'],
  'ecdsa-p384-sha384': ['ES384'],
  'rsa-pss-sha512': ['PS512'],
};
const LEAST_RSA_BITS = 2048;
const MOST_RSA_BITS = 8192;

function kindOf({ kty }: JsonKey): Kind {
  if (kty === 'OKP' || kty === 'EC' || kty === 'RSA') return kty;
  throw unusable('is of a kind that does not sign messages: use Ed25519, P-256, P-384 or RSA');
}

function algorithmOf(jwk: JsonKey): AsymmetricAlgorithm {
  const algorithm = byKind(jwk);
  const { alg, use } = jwk;
  if (alg !== undefined && !JOSE_NAMES[algorithm].includes(String(alg))) {
    throw unusable('is for another algorithm');
  }
  if (use !== undefined && use !== 'sig') throw unusable('is not for signatures');
  return algorithm;
}

function byKind(jwk: JsonKey): AsymmetricAlgorithm {
  const { crv } = jwk;
  switch (kindOf(jwk)) {
    case 'RSA':
      requireStrongRsa(jwk);
      return 'rsa-pss-sha512';
    case 'OKP':
      if (crv !== 'Ed25519') throw unusable('is on a curve that does not sign: use Ed25519');
      requireStrongPoint(octetsOf(jwk.x));
      return 'ed25519';
    default:
      if (crv === 'P-256') return 'ecdsa-p256-sha256';
      if (crv === 'P-384') return 'ecdsa-p384-sha384';
      throw unusable('is on another curve: use P-256 or P-384');
  }
}

function requireStrongRsa({ n, e }: JsonKey): void {
  const bits = bitsOf(octetsOf(n));
  if (bits < LEAST_RSA_BITS || bits > MOST_RSA_BITS) {
    throw unusable(`is RSA of ${bits} bits: use 2048 to 8192`);
  }
  const exponent = octetsOf(e);
  const isSmall = bitsOf(exponent) < 2;
  if (isSmall || ((exponent.at(-1) ?? 0) & 1) === 0) throw unusable('is RSA with a weak exponent');
}

function bitsOf(octets: Uint8Array): number {
  const first = octets.findIndex((octet) => octet !== 0);
  return first < 0 ? 0 : (octets.length - first) * 8 - Math.clz32(octets[first] ?? 0) + 24;
}

/** The points of small order on edwards25519, without the sign: any signature would be valid for them. */
const SMALL_ORDER = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
]);

function requireStrongPoint(point: Uint8Array): void {
  if (point.length !== 32) throw unusable('is not a key of Ed25519');
  const plain = Uint8Array.from(point);
  plain[31] = (plain[31] as number) & 0x7f;
  if (SMALL_ORDER.has(plain.toHex()))
    throw unusable('is a point of small order, for which every signature is valid');
}

function octetsOf(value: unknown): Uint8Array {
  if (typeof value === 'string') {
    try {
      return Uint8Array.fromBase64(value, { alphabet: 'base64url' });
    } catch {
      // Reported below, like the other faults.
    }
  }
  throw unusable('has a member that is not base64url');
}

function publicMembers(jwk: JsonKey): JsonWebKey {
  return members(jwk, MEMBERS[kindOf(jwk)]);
}

function members(jwk: JsonKey, names: readonly string[]): JsonWebKey {
  return Object.fromEntries(
    names.flatMap((name) => (Object.hasOwn(jwk, name) ? [[name, jwk[name]]] : [])),
  ) as JsonWebKey;
}

async function orUnusable<T>(act: () => MaybePromise<T>): Promise<T> {
  try {
    return await act();
  } catch (cause) {
    throw unusable('cannot be used', { cause });
  }
}

function unusable(what: string, options?: ErrorOptions): MessageSignatureError {
  return new MessageSignatureError('signature_key_invalid', `The key ${what}.`, options);
}

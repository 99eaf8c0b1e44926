// The primitives on node:crypto. All are synchronous, and prepare each key once.
import {
  constants,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hash,
  type KeyObject,
  sign,
  timingSafeEqual,
  verify,
} from 'node:crypto';
import { aes128Cbc } from './node-aes-cbc.ts';
import { hmacSha256 } from './node-hmac.ts';
import type { AsymmetricAlgorithm, CryptoPrimitives, X25519PrivateKey } from './primitives.ts';

export const primitives: CryptoPrimitives = {
  randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
  equalInConstantTime: timingSafeEqual,
  hmacSha256,
  digest: (name, data) => new Uint8Array(hash(HASHES[name], data, 'buffer')),
  importVerifier(algorithm, publicKey) {
    const key = createPublicKey({ key: publicKey, format: 'jwk' });
    const { hash: name, options } = SIGNATURES[algorithm];
    const input = { key, ...options };
    return (data, signature) => {
      try {
        return verify(name, data, input, signature);
      } catch {
        return false;
      }
    };
  },
  importSigner(algorithm, privateKey) {
    const key = createPrivateKey({ key: privateKey, format: 'jwk' });
    const { hash: name, options } = SIGNATURES[algorithm];
    const input = { key, ...options };
    return (data) => new Uint8Array(sign(name, data, input));
  },
  aes128Cbc,
  generateX25519: () => keyPair(generateKeyPairSync('x25519').privateKey),
  importX25519(privateKey) {
    if (privateKey.length !== 32) throw new TypeError('An X25519 private key has 32 bytes (RFC 7748 §5).');
    const key = Buffer.from(privateKey);
    return keyPair(createPrivateKey({ key, format: 'raw-private', asymmetricKeyType: 'x25519' }));
  },
};

const HASHES = { 'SHA-256': 'sha256', 'SHA-512': 'sha512' } as const;
const ECDSA = { dsaEncoding: 'ieee-p1363' } as const;
/** RFC 9421 §3.3. */
const SIGNATURES: Readonly<Record<AsymmetricAlgorithm, { hash: string | null; options: object }>> = {
  ed25519: { hash: null, options: {} },
  'ecdsa-p256-sha256': { hash: 'sha256', options: ECDSA },
  'ecdsa-p384-sha384': { hash: 'sha384', options: ECDSA },
  'rsa-pss-sha512': {
    hash: 'sha512',
    options: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 64 },
  },
};

function keyPair(privateKey: KeyObject): X25519PrivateKey {
  return {
    publicKey: new Uint8Array(createPublicKey(privateKey).export({ format: 'raw-public' })),
    agree(peer) {
      const publicKey = createPublicKey({
        key: Buffer.from(peer),
        format: 'raw-public',
        asymmetricKeyType: 'x25519',
      });
      return new Uint8Array(diffieHellman({ privateKey, publicKey }));
    },
  };
}

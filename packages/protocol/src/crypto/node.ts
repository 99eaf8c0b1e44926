// The primitives on node:crypto. All of them are synchronous, and prepare each key once.
import {
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  type KeyObject,
  timingSafeEqual,
} from 'node:crypto';
import { aes128Cbc } from './node-aes-cbc.ts';
import { hmacSha256 } from './node-hmac.ts';
import type { CryptoPrimitives, X25519PrivateKey } from './primitives.ts';
import { wrapX25519PrivateKey } from './x25519-pkcs8.ts';

export const primitives: CryptoPrimitives = {
  randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
  equalInConstantTime: timingSafeEqual,
  hmacSha256,
  aes128Cbc,
  generateX25519: () => keyPair(generateKeyPairSync('x25519').privateKey),
  importX25519: (privateKey) =>
    keyPair(
      createPrivateKey({ key: Buffer.from(wrapX25519PrivateKey(privateKey)), format: 'der', type: 'pkcs8' }),
    ),
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

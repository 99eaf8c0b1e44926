// The primitives on WebCrypto, for browsers and other runtimes (W3C Web Cryptography API; X25519 of its
// Secure Curves). Keys are imported when they are first used. Needs a secure context.
import type { AesCbc, AsymmetricAlgorithm, Bytes, CryptoPrimitives, X25519PrivateKey } from './primitives.ts';
import { wrapX25519PrivateKey } from './x25519-pkcs8.ts';

export const primitives: CryptoPrimitives = {
  randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
  equalInConstantTime,
  hmacSha256(key) {
    const imported = once(() =>
      crypto.subtle.importKey('raw', unshared(key), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']),
    );
    return async (data) => new Uint8Array(await crypto.subtle.sign('HMAC', await imported(), unshared(data)));
  },
  digest: async (name, data) => new Uint8Array(await crypto.subtle.digest(name, unshared(data))),
  async importVerifier(algorithm, publicKey) {
    const { key: kind, use } = SIGNATURES[algorithm];
    const key = await crypto.subtle.importKey('jwk', publicKey, kind, false, ['verify']);
    return (data, signature) => crypto.subtle.verify(use, key, unshared(signature), unshared(data));
  },
  async importSigner(algorithm, privateKey) {
    const { key: kind, use } = SIGNATURES[algorithm];
    const key = await crypto.subtle.importKey('jwk', privateKey, kind, false, ['sign']);
    return async (data) => new Uint8Array(await crypto.subtle.sign(use, key, unshared(data)));
  },
  aes128Cbc,
  async generateX25519() {
    const pair = await crypto.subtle.generateKey('X25519', false, ['deriveBits']);
    if (!('privateKey' in pair)) throw new TypeError('WebCrypto gave no X25519 key pair.');
    return keyPair(pair.privateKey, new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey)));
  },
  async importX25519(privateKey) {
    const pkcs8 = wrapX25519PrivateKey(privateKey);
    const key = await crypto.subtle.importKey('pkcs8', pkcs8, 'X25519', true, ['deriveBits']);
    // A JWK is the only form in which WebCrypto exports the public part of a private key (RFC 8037 §2).
    const { x = '' } = await crypto.subtle.exportKey('jwk', key);
    return keyPair(key, Uint8Array.fromBase64(x, { alphabet: 'base64url' }));
  },
};

interface WebSignature {
  key: EcKeyImportParams | RsaHashedImportParams | { name: string };
  use: EcdsaParams | RsaPssParams | { name: string };
}

/** RFC 9421 §3.3. */
const SIGNATURES: Readonly<Record<AsymmetricAlgorithm, WebSignature>> = {
  ed25519: { key: { name: 'Ed25519' }, use: { name: 'Ed25519' } },
  'ecdsa-p256-sha256': {
    key: { name: 'ECDSA', namedCurve: 'P-256' },
    use: { name: 'ECDSA', hash: 'SHA-256' },
  },
  'ecdsa-p384-sha384': {
    key: { name: 'ECDSA', namedCurve: 'P-384' },
    use: { name: 'ECDSA', hash: 'SHA-384' },
  },
  'rsa-pss-sha512': {
    key: { name: 'RSA-PSS', hash: 'SHA-512' },
    use: { name: 'RSA-PSS', saltLength: 64 },
  },
};

function aes128Cbc(key: Uint8Array): AesCbc {
  const imported = once(() =>
    crypto.subtle.importKey('raw', unshared(key), 'AES-CBC', false, ['encrypt', 'decrypt']),
  );
  return {
    async encryptInto(target, iv, plaintext) {
      const algorithm = { name: 'AES-CBC', iv: unshared(iv) };
      target.set(
        new Uint8Array(await crypto.subtle.encrypt(algorithm, await imported(), unshared(plaintext))),
      );
    },
    async decrypt(iv, ciphertext) {
      const algorithm = { name: 'AES-CBC', iv: unshared(iv) };
      return new Uint8Array(await crypto.subtle.decrypt(algorithm, await imported(), unshared(ciphertext)));
    },
  };
}

function keyPair(privateKey: CryptoKey, publicKey: Bytes): X25519PrivateKey {
  return {
    publicKey,
    async agree(peer) {
      const algorithm = {
        name: 'X25519',
        public: await crypto.subtle.importKey('raw', unshared(peer), 'X25519', false, []),
      };
      return new Uint8Array(await crypto.subtle.deriveBits(algorithm, privateKey, 256));
    },
  };
}

function equalInConstantTime(left: Uint8Array, right: Uint8Array): boolean {
  if (left.length !== right.length) throw new RangeError('The two byte strings must have the same length.');
  let difference = 0;
  for (const [index, byte] of left.entries()) difference |= byte ^ (right[index] ?? 0);
  return difference === 0;
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

// WebCrypto refuses a view of a SharedArrayBuffer, so such bytes are copied.
function unshared(bytes: Uint8Array): Bytes {
  return bytes.buffer instanceof ArrayBuffer ? (bytes as Bytes) : Uint8Array.from(bytes);
}

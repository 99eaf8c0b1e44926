// The type of the import `#crypto`: the primitives that the protocols here use. node.ts returns values,
// web.ts returns promises; callers await both. The protocols check their input themselves and do not rely on
// a platform to refuse it.

/** Bytes in a buffer that no other thread shares, as WebCrypto requires. */
export type Bytes = Uint8Array<ArrayBuffer>;
export type MaybePromise<T> = T | Promise<T>;
/** Returns this many bytes of a cryptographic random generator. */
export type RandomBytes = (length: number) => Bytes;

export interface AesCbc {
  /**
   * Writes the PKCS #7 padded ciphertext (NIST SP 800-38A §6.2, RFC 5652 §6.3) to `target`, which has exactly
   * its length.
   */
  encryptInto(target: Bytes, iv: Uint8Array, plaintext: Uint8Array): MaybePromise<void>;
  /** The plaintext. Throws or rejects if the padding is wrong. */
  decrypt(iv: Uint8Array, ciphertext: Uint8Array): MaybePromise<Bytes>;
}

/** The hash functions, as WebCrypto names them. */
export type HashName = 'SHA-256' | 'SHA-512';
/** The signature algorithms with public keys, as RFC 9421 §6.2.2 names them. */
export type AsymmetricAlgorithm = 'ed25519' | 'ecdsa-p256-sha256' | 'ecdsa-p384-sha384' | 'rsa-pss-sha512';
export type Verify = (data: Bytes, signature: Bytes) => MaybePromise<boolean>;
export type Sign = (data: Bytes) => MaybePromise<Bytes>;

export interface X25519PrivateKey {
  /** The u-coordinate, 32 bytes (RFC 7748 §5). */
  readonly publicKey: Bytes;
  /**
   * X25519 of this key and the 32 bytes of a peer. May throw or reject if the result is all zeros (RFC 7748
   * §6.1).
   */
  agree(peerPublicKey: Uint8Array): MaybePromise<Bytes>;
}

/**
 * The primitives of a platform. Programs need to give their own only on a platform that has neither
 * node:crypto nor WebCrypto.
 */
export interface CryptoPrimitives {
  randomBytes: RandomBytes;
  /** Compares two byte strings of the same length in constant time. */
  equalInConstantTime(left: Uint8Array, right: Uint8Array): boolean;
  /** HMAC-SHA-256 with one key (RFC 2104). */
  hmacSha256(key: Uint8Array): (data: Uint8Array) => MaybePromise<Bytes>;
  digest(hash: HashName, data: Uint8Array): MaybePromise<Bytes>;
  /** Verifies with a public key. A malformed signature is a wrong signature, not an error. */
  importVerifier(algorithm: AsymmetricAlgorithm, publicKey: JsonWebKey): MaybePromise<Verify>;
  /** Signs with a private key. An ECDSA signature is the two numbers, joined. */
  importSigner(algorithm: AsymmetricAlgorithm, privateKey: JsonWebKey): MaybePromise<Sign>;
  /** AES in CBC mode with one key of 16 bytes. */
  aes128Cbc(key: Uint8Array): AesCbc;
  generateX25519(): MaybePromise<X25519PrivateKey>;
  /** The key pair of a private key of 32 bytes. */
  importX25519(privateKey: Uint8Array): MaybePromise<X25519PrivateKey>;
}

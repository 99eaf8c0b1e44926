// The shape of the import `#crypto`: the few primitives that every protocol here is made of. node.ts answers at once,
// web.ts with promises; callers await either. Both refuse nothing that the protocol's own section must refuse.

export type Bytes = Uint8Array<ArrayBuffer>;
export type MaybePromise<T> = T | Promise<T>;
export type RandomBytes = (length: number) => Bytes;

export interface AesCbc {
  /** PKCS #7 padded ciphertext (NIST SP 800-38A §6.2, RFC 5652 §6.3). */
  encrypt(iv: Uint8Array, plaintext: Uint8Array): MaybePromise<Bytes>;
  /** The plaintext; throws, or rejects, when the padding is wrong. */
  decrypt(iv: Uint8Array, ciphertext: Uint8Array): MaybePromise<Bytes>;
}

export interface X25519PrivateKey {
  /** The u-coordinate, 32 bytes (RFC 7748 §5). */
  readonly publicKey: Bytes;
  /** X25519 of this key and a peer's 32 bytes; may throw, or reject, on an all-zero result (RFC 7748 §6.1). */
  agree(peerPublicKey: Uint8Array): MaybePromise<Bytes>;
}

export interface CryptoPrimitives {
  randomBytes: RandomBytes;
  /** Compares without telling, by its duration, where two byte strings of one length differ. */
  equalInConstantTime(left: Uint8Array, right: Uint8Array): boolean;
  /** HMAC-SHA-256 under one key (RFC 2104). */
  hmacSha256(key: Uint8Array): (data: Uint8Array) => MaybePromise<Bytes>;
  /** AES in CBC mode under one key of 16 bytes. */
  aes128Cbc(key: Uint8Array): AesCbc;
  generateX25519(): MaybePromise<X25519PrivateKey>;
  /** A key pair from the 32 bytes of its private key. */
  importX25519(privateKey: Uint8Array): MaybePromise<X25519PrivateKey>;
}

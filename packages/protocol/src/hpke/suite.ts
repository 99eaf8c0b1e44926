// Hybrid Public Key Encryption (RFC 9180) in base mode: the type of the import `#hpke`. crypto/hpke-node.ts
// is on node:crypto and returns values where it can; crypto/hpke-web.ts is the library `hpke` on WebCrypto
// and returns promises. Callers await both.
import type { Bytes, MaybePromise } from '../crypto/primitives.ts';
import { ProtocolError } from '../errors.ts';

/**
 * MLKEM768-X25519, also called X-Wing: safe as long as one of the two algorithms is (draft-ietf-hpke-pq).
 * @example
 * const { publicKey } = await generateObliviousKey(KEM_X_WING);
 */
export const KEM_X_WING = 0x647a;
/**
 * DHKEM(X25519, HKDF-SHA256) (RFC 9180 §7.1).
 * @example
 * const { publicKey } = await generateObliviousKey(KEM_X25519);
 */
export const KEM_X25519 = 0x0020;
/** HKDF-SHA256 (RFC 9180 §7.2). */
export const KDF_HKDF_SHA256 = 0x0001;
/** RFC 9180 §7.3. */
export const AEAD_AES_128_GCM = 0x0001;
export const AEAD_AES_256_GCM = 0x0002;
export const AEAD_CHACHA20_POLY1305 = 0x0003;

/** Octets of an encapsulated secret, and of keys (RFC 9180 §7.1, draft-ietf-hpke-pq §4). */
export const KEM_SIZES: Readonly<Record<number, { secret: number; publicKey: number; privateKey: number }>> =
  {
    [KEM_X_WING]: { secret: 1120, publicKey: 1216, privateKey: 32 },
    [KEM_X25519]: { secret: 32, publicKey: 32, privateKey: 32 },
  };

/** Octets of the key and of the nonce. The tag has 16 in all of them. */
export const AEAD_SIZES: Readonly<Record<number, { key: number; nonce: number }>> = {
  [AEAD_AES_128_GCM]: { key: 16, nonce: 12 },
  [AEAD_AES_256_GCM]: { key: 32, nonce: 12 },
  [AEAD_CHACHA20_POLY1305]: { key: 32, nonce: 12 },
};

export const TAG_LENGTH = 16;

/** The algorithms of one use, by their numbers in the registry of IANA. */
export interface HpkeSuite {
  kem: number;
  kdf: number;
  aead: number;
}

/**
 * A key, a secret or a ciphertext that cannot be used. It never has a cause, so that all failures look alike.
 * @example
 * if (error instanceof HpkeError && error.code === 'hpke_open_failed') refuse();
 */
export class HpkeError extends ProtocolError<'hpke_unsupported' | 'hpke_invalid_key' | 'hpke_open_failed'> {}

/** The octets of a key pair (RFC 9180 §7.1.1). */
export interface HpkeKeyPair {
  readonly publicKey: Uint8Array;
  readonly privateKey: Uint8Array;
}

/** A key pair of a recipient. */
export interface HpkeKey extends HpkeKeyPair {
  readonly kem: number;
  readonly publicKey: Bytes;
  readonly privateKey: Bytes;
}

/** Encrypts messages in their order, and derives secrets that both ends share. */
export interface HpkeSender {
  /** The encapsulated secret, for the recipient (`enc`). */
  readonly encapsulated: Bytes;
  seal(plaintext: Uint8Array, additional?: Uint8Array): MaybePromise<Bytes>;
  exportSecret(context: Uint8Array, length: number): MaybePromise<Bytes>;
}

/** Decrypts messages in their order. */
export interface HpkeRecipient {
  /** Throws or rejects with `HpkeError` if it is not the next message of the sender. */
  open(ciphertext: Uint8Array, additional?: Uint8Array): MaybePromise<Bytes>;
  exportSecret(context: Uint8Array, length: number): MaybePromise<Bytes>;
}

/** Authenticated encryption with one key. */
export interface Aead {
  seal(nonce: Uint8Array, plaintext: Uint8Array, additional: Uint8Array): MaybePromise<Bytes>;
  /** Throws or rejects with `HpkeError`. */
  open(nonce: Uint8Array, ciphertext: Uint8Array, additional: Uint8Array): MaybePromise<Bytes>;
}

/** HPKE on a platform. Throws or rejects with `HpkeError` `hpke_unsupported` for other suites. */
export interface HpkeBackEnd {
  generateKey(kem: number): MaybePromise<HpkeKey>;
  /** Throws or rejects with `HpkeError` `hpke_invalid_key`. */
  importKey(kem: number, pair: HpkeKeyPair): MaybePromise<HpkeKey>;
  /** Throws or rejects with `HpkeError` `hpke_invalid_key` for a public key that cannot be used. */
  setupSender(suite: HpkeSuite, publicKey: Uint8Array, info: Uint8Array): MaybePromise<HpkeSender>;
  /** Throws or rejects with `HpkeError` `hpke_open_failed` for a secret that cannot be used. */
  setupRecipient(
    suite: HpkeSuite,
    key: HpkeKey,
    sealed: { encapsulated: Uint8Array; info: Uint8Array },
  ): MaybePromise<HpkeRecipient>;
  /** HKDF-SHA256 (RFC 5869 §2.2). */
  extract(salt: Uint8Array, secret: Uint8Array): MaybePromise<Bytes>;
  /** HKDF-SHA256 (RFC 5869 §2.3). */
  expand(pseudorandomKey: Uint8Array, info: Uint8Array, length: number): MaybePromise<Bytes>;
  aead(id: number, key: Uint8Array): Aead;
}

/** The sizes of a KEM. Throws `HpkeError` `hpke_unsupported`. */
export function kemSizes(kem: number) {
  const sizes = KEM_SIZES[kem];
  if (!sizes) throw unsupported('KEM', kem);
  return sizes;
}

/** The sizes of an AEAD. Throws `HpkeError` `hpke_unsupported`. */
export function aeadSizes(aead: number) {
  const sizes = AEAD_SIZES[aead];
  if (!sizes) throw unsupported('AEAD', aead);
  return sizes;
}

export function unsupported(kind: string, id: number): HpkeError {
  return new HpkeError('hpke_unsupported', `The ${kind} 0x${id.toString(16)} is not allowed here.`);
}

export function invalidKey(): HpkeError {
  return new HpkeError('hpke_invalid_key', 'The key is not a key of this KEM.');
}

/** Without its cause, so that all failures look alike. */
export function openFailed(): HpkeError {
  return new HpkeError('hpke_open_failed', 'The message cannot be opened.');
}

// X25519 key agreement (RFC 7748 §6.1), and public keys as SPKI PEM (RFC 8410 §4, RFC 7468 §13). Refuses
// other algorithms, private keys, more than one block, any other text, and shared secrets of all zeros.
import { primitives as platform } from '#crypto';
import type { Bytes, CryptoPrimitives, X25519PrivateKey } from './crypto/primitives.ts';
import { ProtocolError } from './errors.ts';

// SubjectPublicKeyInfo { id-X25519 (1.3.101.110), no parameters }, then a BIT STRING of 32 bytes (RFC 8410
// §3, §4).
const SPKI_PREFIX = Uint8Array.fromHex('302a300506032b656e032100');
const KEY_LENGTH = 32;
const SPKI_LENGTH = SPKI_PREFIX.length + KEY_LENGTH;
const PEM =
  /^\uFEFF?-----BEGIN PUBLIC KEY-----\r?\n([A-Za-z0-9+/]{59}=)\r?\n-----END PUBLIC KEY-----(?:\r?\n)?$/;

/**
 * Text that is not a public key, or a public key that gives no secret.
 * @example
 * if (error instanceof X25519Error && error.code === 'x25519_low_order_point') refuse();
 */
export class X25519Error extends ProtocolError<'x25519_invalid_public_key' | 'x25519_low_order_point'> {}

/** A key pair. The private key stays inside. */
export interface X25519KeyPair {
  /** The 32 bytes of the public key. */
  readonly publicKey: Bytes;
  /**
   * The 32 bytes that both sides share. Throws X25519Error `x25519_invalid_public_key` unless the peer's key
   * has 32 bytes, and `x25519_low_order_point` if the result is all zeros (RFC 7748 §6.1).
   */
  sharedSecret(peerPublicKey: Uint8Array): Promise<Bytes>;
}

/**
 * Generates a key pair.
 * @example
 * const secret = await (await generateX25519KeyPair()).sharedSecret(importX25519PublicKey(peerPem));
 */
export async function generateX25519KeyPair(primitives: CryptoPrimitives = platform): Promise<X25519KeyPair> {
  return withChecks(await primitives.generateX25519());
}

/**
 * The key pair of a private key of 32 bytes.
 * @throws TypeError for any other length
 * @example
 * const { publicKey } = await importX25519KeyPair(privateKey);
 */
export async function importX25519KeyPair(
  privateKey: Uint8Array,
  primitives: CryptoPrimitives = platform,
): Promise<X25519KeyPair> {
  return withChecks(await primitives.importX25519(privateKey));
}

/**
 * Writes a public key of 32 bytes as SPKI PEM.
 * @throws TypeError for any other length
 * @example
 * const pem = exportX25519PublicKey((await generateX25519KeyPair()).publicKey);
 */
export function exportX25519PublicKey(publicKey: Uint8Array): string {
  if (publicKey.length !== KEY_LENGTH) throw new TypeError('An X25519 public key has 32 bytes.');
  const der = new Uint8Array(SPKI_LENGTH);
  der.set(SPKI_PREFIX);
  der.set(publicKey, SPKI_PREFIX.length);
  return `-----BEGIN PUBLIC KEY-----\n${der.toBase64()}\n-----END PUBLIC KEY-----\n`;
}

/**
 * Reads one SPKI PEM block, and returns the 32 bytes of the public key.
 * @throws X25519Error `x25519_invalid_public_key` for any other text
 * @example
 * const publicKey = importX25519PublicKey(peerPem);
 */
export function importX25519PublicKey(pem: string): Bytes {
  const base64 = PEM.exec(pem)?.[1];
  const der = base64 === undefined ? undefined : decodeOrUndefined(base64);
  if (der === undefined || SPKI_PREFIX.some((byte, index) => byte !== der[index])) {
    throw new X25519Error('x25519_invalid_public_key', 'Expected one PEM block with an X25519 public key.');
  }
  return der.slice(SPKI_PREFIX.length);
}

function withChecks(key: X25519PrivateKey): X25519KeyPair {
  return {
    publicKey: key.publicKey,
    async sharedSecret(peerPublicKey) {
      if (peerPublicKey.length !== KEY_LENGTH) {
        throw new X25519Error('x25519_invalid_public_key', 'An X25519 public key has 32 bytes.');
      }
      const secret = await agree(key, peerPublicKey);
      if (isAllZero(secret)) throw lowOrderPoint();
      return secret;
    },
  };
}

// Any 32 bytes are a public key (RFC 7748 §5), so a platform can only refuse a result of all zeros.
async function agree(key: X25519PrivateKey, peerPublicKey: Uint8Array): Promise<Bytes> {
  try {
    return await key.agree(peerPublicKey);
  } catch (cause) {
    throw lowOrderPoint({ cause });
  }
}

function isAllZero(secret: Uint8Array): boolean {
  return secret.reduce((seen, byte) => seen | byte, 0) === 0;
}

function lowOrderPoint(options?: ErrorOptions): X25519Error {
  return new X25519Error(
    'x25519_low_order_point',
    'The public key gives no secret (RFC 7748 §6.1).',
    options,
  );
}

function decodeOrUndefined(base64: string): Bytes | undefined {
  try {
    return Uint8Array.fromBase64(base64, { lastChunkHandling: 'strict' });
  } catch {
    return undefined;
  }
}

// X25519 private keys as PKCS #8 (RFC 8410 §7), the only form that both node:crypto and WebCrypto import.
// Refuses any length other than 32 bytes.
import type { Bytes } from './primitives.ts';

const PREFIX = Uint8Array.fromHex('302e020100300506032b656e04220420');

/**
 * The 48 bytes of a OneAsymmetricKey with this private key, in DER. Throws TypeError unless the key has 32
 * bytes.
 */
export function wrapX25519PrivateKey(privateKey: Uint8Array): Bytes {
  if (privateKey.length !== 32) throw new TypeError('An X25519 private key has 32 bytes (RFC 7748 §5).');
  const der = new Uint8Array(PREFIX.length + 32);
  der.set(PREFIX);
  der.set(privateKey, PREFIX.length);
  return der;
}

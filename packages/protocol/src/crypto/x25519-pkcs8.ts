// X25519 private keys as PKCS #8 (RFC 8410 §7): the one form of a raw private key that node:crypto and WebCrypto both
// import. Refuses any length but 32 bytes.
import type { Bytes } from './primitives.ts';

const PREFIX = Uint8Array.fromHex('302e020100300506032b656e04220420');

/** The 48 DER bytes of a OneAsymmetricKey that holds `privateKey`. Throws TypeError unless that has 32 bytes. */
export function wrapX25519PrivateKey(privateKey: Uint8Array): Bytes {
  if (privateKey.length !== 32) throw new TypeError('An X25519 private key has 32 bytes (RFC 7748 §5).');
  const der = new Uint8Array(PREFIX.length + 32);
  der.set(PREFIX);
  der.set(privateKey, PREFIX.length);
  return der;
}

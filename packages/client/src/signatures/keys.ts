// The keys of a client that signs: private keys in several forms, and shared secrets.
import { createPrivateKey, KeyObject } from 'node:crypto';
import type { JsonKey, MessageSigner, SignatureAlgorithm } from '@gatehouse/protocol';
import { importSigningKey, sharedSecret } from '@gatehouse/protocol';

/**
 * A private key: PEM without a passphrase, a KeyObject, or JSON (RFC 7517); or the octets of a secret that
 * the server has, too.
 */
export type SigningKey = string | KeyObject | JsonKey | Uint8Array;

/**
 * The key, ready to sign. Rejects with TypeError if the key cannot sign messages, or is for another algorithm
 * than `algorithm`.
 * @example
 * const key = await signerOf(await readFile('robot.key', 'utf8'));
 */
export async function signerOf(key: SigningKey, algorithm?: SignatureAlgorithm): Promise<MessageSigner> {
  const signer = await importKey(key);
  if (algorithm === undefined || algorithm === signer.algorithm) return signer;
  throw new TypeError(`the key signs with ${signer.algorithm}, not with ${algorithm}`);
}

async function importKey(key: SigningKey): Promise<MessageSigner> {
  try {
    if (key instanceof Uint8Array) return sharedSecret(key);
    if (typeof key === 'string') return await importSigningKey(jsonOf(createPrivateKey(key)));
    return await importSigningKey(key instanceof KeyObject ? jsonOf(key) : key);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new TypeError(`the key cannot sign messages: ${why}`, { cause });
  }
}

function jsonOf(key: KeyObject): JsonKey {
  return key.export({ format: 'jwk' }) as JsonKey;
}

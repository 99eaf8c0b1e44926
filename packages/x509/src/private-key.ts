// Private keys: generation, and PKCS#8 (RFC 5958) in PEM, unencrypted.
// Refuses encrypted keys, other PEM labels, octets after the key, and what OpenSSL cannot read.
import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { readDer } from './der/read.ts';
import { X509Error } from './errors.ts';
import { decodePemBlock, encodePem } from './pem.ts';

export type PrivateKeyType = 'P-256' | 'P-384' | 'Ed25519';

/** A new private key from the system's random generator. */
export function generatePrivateKey(type: PrivateKeyType): KeyObject {
  if (type === 'Ed25519') return generateKeyPairSync('ed25519').privateKey;
  return generateKeyPairSync('ec', { namedCurve: type }).privateKey;
}

/** PKCS#8 PEM, unencrypted. The text is a secret: whoever stores it must seal it. */
export function encodePrivateKey(privateKey: KeyObject): string {
  if (privateKey.type !== 'private') throw new TypeError('a private key is needed');
  return encodePem(LABEL, privateKey.export({ type: 'pkcs8', format: 'der' }));
}

/**
 * The key of a text that holds one `PRIVATE KEY` block and no other. Any key type that OpenSSL reads is accepted.
 * @throws X509Error `pem_invalid`, `pem_too_large`, `der_invalid` or `key_invalid`
 */
export function decodePrivateKey(pem: string): KeyObject {
  const der = decodePemBlock(pem, LABEL);
  readDer(der, (reader) => reader.sequence((fields) => fields.list((field) => field.element())));
  try {
    return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  } catch (cause) {
    throw new X509Error('key_invalid', 'not a private key in PKCS#8 form (RFC 5958)', { cause });
  }
}

const LABEL = 'PRIVATE KEY';

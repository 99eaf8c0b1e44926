// Private keys: generation; PKCS#8 (RFC 5958), plain and encrypted, both ways; every older form, PEM or DER, for reading.
// Refuses several keys in one text, keys of kinds that no certificate here may have, and what OpenSSL cannot read.
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { encodeDer, octetString, sequence } from '../der/write.ts';
import { X509Error } from '../errors.ts';
import { decodePemBlock, encodePem } from '../read/pem.ts';
import { encryptPbes2 } from './pbe.ts';
import { keyFromPkcs8 } from './private-key-forms.ts';

/** The kinds of key that are generated here. */
export const PRIVATE_KEY_TYPES = [
  'P-256',
  'P-384',
  'Ed25519',
  'RSA-2048',
  'RSA-3072',
  'RSA-4096',
  'ML-DSA-44',
  'ML-DSA-65',
  'ML-DSA-87',
] as const;
export type PrivateKeyType = (typeof PRIVATE_KEY_TYPES)[number];

/** A new private key from the system's random generator. RSA takes up to seconds. */
export function generatePrivateKey(type: PrivateKeyType): KeyObject {
  return GENERATE[type]().privateKey;
}

/** PKCS#8 PEM, unencrypted. The text is a secret: whoever stores it must seal it. */
export function encodePrivateKey(privateKey: KeyObject): string {
  return encodePem(LABEL, encodePkcs8(privateKey));
}

/**
 * PKCS#8 PEM encrypted under a passphrase: PBES2 with AES-256-CBC and 600,000 rounds of PBKDF2 with HMAC-SHA256.
 * @throws X509Error `passphrase_missing` for an empty one
 */
export function encryptPrivateKey(privateKey: KeyObject, passphrase: string): string {
  if (passphrase === '') throw new X509Error('passphrase_missing', 'an empty passphrase protects nothing');
  const { algorithm, ciphertext } = encryptPbes2(encodePkcs8(privateKey), passphrase, PBKDF2_ROUNDS);
  return encodePem(`ENCRYPTED ${LABEL}`, encodeDer(sequence(algorithm, octetString(ciphertext))));
}

/**
 * The key of a text that holds one `PRIVATE KEY` block and no other: what `encodePrivateKey` wrote.
 * @throws X509Error `pem_invalid`, `pem_too_large`, `key_invalid` or `key_unsupported`
 */
export function decodePrivateKey(pem: string): KeyObject {
  return keyFromPkcs8(decodePemBlock(pem, LABEL));
}

const LABEL = 'PRIVATE KEY';
/** What OWASP asks for with SHA-256. */
const PBKDF2_ROUNDS = 600_000;

const GENERATE: Readonly<Record<PrivateKeyType, () => { privateKey: KeyObject }>> = {
  'P-256': () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  'P-384': () => generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  Ed25519: () => generateKeyPairSync('ed25519'),
  'RSA-2048': () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  'RSA-3072': () => generateKeyPairSync('rsa', { modulusLength: 3072 }),
  'RSA-4096': () => generateKeyPairSync('rsa', { modulusLength: 4096 }),
  'ML-DSA-44': () => generateKeyPairSync('ml-dsa-44'),
  'ML-DSA-65': () => generateKeyPairSync('ml-dsa-65'),
  'ML-DSA-87': () => generateKeyPairSync('ml-dsa-87'),
};

function encodePkcs8(privateKey: KeyObject): Buffer {
  if (privateKey.type !== 'private') throw new TypeError('a private key is needed');
  return privateKey.export({ type: 'pkcs8', format: 'der' });
}

// Generates private keys, writes them as PKCS#8 (RFC 5958), plain or encrypted, and reads the plain form.
// Refuses several keys in one text, types of keys that no certificate here may have, and keys that OpenSSL
// cannot read.
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { encodeDer, octetString, sequence } from '../der/write.ts';
import { X509Error } from '../errors.ts';
import { decodePemBlock, encodePem } from '../read/pem.ts';
import { encryptPbes2 } from './encryption/pbe.ts';
import { keyFromPkcs8 } from './private-key-forms.ts';

/**
 * The types of keys that can be generated.
 * @example
 * const isType = PRIVATE_KEY_TYPES.some((type) => type === text);
 */
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
/** A type of key that can be generated. */
export type PrivateKeyType = (typeof PRIVATE_KEY_TYPES)[number];

/**
 * Generates a private key with the random generator of the system. RSA may take seconds.
 * @example
 * const key = generatePrivateKey('P-256');
 */
export function generatePrivateKey(type: PrivateKeyType): KeyObject {
  return GENERATE[type]().privateKey;
}

/**
 * Writes a private key as PKCS#8 PEM without encryption. The text is a secret: encrypt it before you store
 * it.
 * @example
 * writeFileSync('server.key', encodePrivateKey(key), { mode: 0o600 });
 */
export function encodePrivateKey(privateKey: KeyObject): string {
  return encodePem(LABEL, encodePkcs8(privateKey));
}

/**
 * Writes a private key as PKCS#8 PEM, encrypted with PBES2: AES-256-CBC and 600,000 rounds of PBKDF2 with
 * HMAC-SHA256.
 * @throws X509Error `passphrase_missing` for an empty passphrase
 * @example
 * const pem = encryptPrivateKey(generatePrivateKey('P-256'), passphrase);
 */
export function encryptPrivateKey(privateKey: KeyObject, passphrase: string): string {
  if (passphrase === '')
    throw new X509Error(
      'passphrase_missing',
      'the passphrase is empty, which protects nothing; choose another',
    );
  const { algorithm, ciphertext } = encryptPbes2(encodePkcs8(privateKey), passphrase, PBKDF2_ROUNDS);
  return encodePem(`ENCRYPTED ${LABEL}`, encodeDer(sequence(algorithm, octetString(ciphertext))));
}

/**
 * Reads a text that `encodePrivateKey` wrote: one `PRIVATE KEY` block and no other. For other forms, use
 * `readPrivateKey`.
 * @throws X509Error `pem_invalid`, `pem_too_large`, `key_invalid` or `key_unsupported`
 * @example
 * const key = decodePrivateKey(encodePrivateKey(generatePrivateKey('P-256')));
 */
export function decodePrivateKey(pem: string): KeyObject {
  return keyFromPkcs8(decodePemBlock(pem, LABEL));
}

const LABEL = 'PRIVATE KEY';
/** The number that OWASP recommends for SHA-256. */
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

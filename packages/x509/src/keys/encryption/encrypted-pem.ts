// Reads keys that are encrypted by PEM headers (RFC 1421 §4.6.1.1 to §4.6.1.3), as OpenSSL and ssh-keygen
// wrote them for decades. Never writes them: one round of MD5 is too weak. PKCS#8 is better.
import { hash } from 'node:crypto';
import { X509Error } from '../../errors.ts';
import type { PemBlock } from '../../read/pem.ts';
import { decipher } from './pbe.ts';

/** Whether the octets of a block are encrypted. */
export function isEncryptedPem({ headers }: PemBlock): boolean {
  return headers.get('Proc-Type')?.replace(/\s/g, '') === '4,ENCRYPTED';
}

/**
 * Decrypts a block.
 * @throws X509Error `passphrase_wrong`, `passphrase_missing`, `key_unsupported`, `pem_invalid`
 */
export function decryptPem({ headers, bytes }: PemBlock, passphrase: () => string): Buffer {
  const [, name = '', hex = ''] =
    /^([A-Za-z0-9-]+),([0-9A-Fa-f]+)$/.exec(headers.get('DEK-Info') ?? '') ?? [];
  if (name === '')
    throw new X509Error(
      'pem_invalid',
      'the PEM block is encrypted, but it has no DEK-Info header (RFC 1421 §4.6.1.3)',
    );
  const cipher = CIPHERS.get(name.toUpperCase());
  if (cipher === undefined) {
    throw new X509Error(
      'key_unsupported',
      `PEM encryption with ${name.slice(0, 32)} is not supported; AES and triple DES are`,
    );
  }
  if (hex.length !== cipher.ivLength * 2)
    throw new X509Error('pem_invalid', 'the IV in the DEK-Info header has the wrong length');
  const iv = Buffer.from(hex, 'hex');
  const key = deriveByMd5(passphrase(), iv.subarray(0, SALT_OCTETS), cipher.keyLength);
  return decipher({ name: name.toLowerCase(), key, iv }, bytes);
}

const SALT_OCTETS = 8;
const CIPHERS = new Map([
  ['AES-128-CBC', { keyLength: 16, ivLength: 16 }],
  ['AES-192-CBC', { keyLength: 24, ivLength: 16 }],
  ['AES-256-CBC', { keyLength: 32, ivLength: 16 }],
  ['DES-EDE3-CBC', { keyLength: 24, ivLength: 8 }],
]);

/** OpenSSL's EVP_BytesToKey with MD5 and one round: each digest includes the previous one. */
function deriveByMd5(passphrase: string, salt: Uint8Array, length: number): Buffer {
  let last: Buffer = Buffer.alloc(0);
  let derived: Buffer = last;
  while (derived.length < length) {
    last = hash('md5', Buffer.concat([last, Buffer.from(passphrase), salt]), 'buffer');
    derived = Buffer.concat([derived, last]);
  }
  return derived.subarray(0, length);
}

// Seals values of rows with AES-256-GCM (NIST SP 800-38D). The row's key is authenticated, too, so a value in
// another row does not open.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

export interface Sealing {
  /** `value`: a JSON value. */
  seal(value: object | string, rowKey: string): Uint8Array;
  /** Throws if the octets were not sealed for this row. */
  open(sealed: Uint8Array, rowKey: string): unknown;
}

const ALGORITHM = 'aes-256-gcm';
const NONCE_OCTETS = 12;
const TAG_OCTETS = 16;

/** `key` has 32 octets. */
export function createSealing(key: Uint8Array): Sealing {
  return {
    seal(value, rowKey) {
      const nonce = randomBytes(NONCE_OCTETS);
      const cipher = createCipheriv(ALGORITHM, key, nonce).setAAD(Buffer.from(rowKey));
      const text = Buffer.concat([cipher.update(JSON.stringify(value), 'utf8'), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), text]);
    },
    open(sealed, rowKey) {
      const octets = Buffer.from(sealed);
      const decipher = createDecipheriv(ALGORITHM, key, octets.subarray(0, NONCE_OCTETS))
        .setAAD(Buffer.from(rowKey))
        .setAuthTag(octets.subarray(NONCE_OCTETS, NONCE_OCTETS + TAG_OCTETS));
      const text = decipher.update(octets.subarray(NONCE_OCTETS + TAG_OCTETS));
      return JSON.parse(Buffer.concat([text, decipher.final()]).toString('utf8'));
    },
  };
}

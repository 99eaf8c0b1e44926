// Key derivation of PKCS#12 (RFC 7292 §B.2), for its MAC and its old ciphers.
import { hash } from 'node:crypto';
import type { PassphraseWork } from '../encryption/kdf.ts';

/** What the derived octets are for (RFC 7292 §B.3). */
export const PURPOSE = { key: 1, iv: 2, mac: 3 } as const;

/** The parameters of a derivation. */
export interface Pkcs12Derivation {
  readonly purpose: (typeof PURPOSE)[keyof typeof PURPOSE];
  readonly digest: string;
  readonly salt: Uint8Array;
  readonly rounds: number;
  readonly length: number;
}

/**
 * Derives octets from a passphrase. A round takes about ten times as long as one of PBKDF2, and counts as
 * ten.
 * @throws X509Error `key_unsupported`, `passphrase_missing`
 */
export function deriveForPkcs12(
  derivation: Pkcs12Derivation,
  { passphrase, budget, isAbsent = false }: PassphraseWork,
): Buffer {
  budget.spend(derivation.rounds * ROUNDS_OF_PBKDF2);
  const { digest, purpose, salt, rounds, length } = derivation;
  const blockLength = digest === 'sha384' || digest === 'sha512' ? 128 : 64;
  const secret = isAbsent ? Buffer.alloc(0) : bmpString(`${passphrase()}\0`);
  const input = Buffer.concat([fill(salt, blockLength), fill(secret, blockLength)]);
  const derived: Buffer[] = [];
  for (let octets = 0; octets < length; octets += derived.at(-1)?.length ?? length) {
    let block = hash(digest, Buffer.concat([Buffer.alloc(blockLength, purpose), input]), 'buffer');
    for (let round = 1; round < rounds; round++) block = hash(digest, block, 'buffer');
    derived.push(block);
    addToBlocks(input, Buffer.alloc(blockLength, block));
  }
  return Buffer.concat(derived, length);
}

/** BMPString: two octets for each character, the high octet first (X.690 §8.23.8). */
export function bmpString(text: string): Buffer {
  return Buffer.from(text, 'utf16le').swap16();
}

const ROUNDS_OF_PBKDF2 = 10;

/** Repeats octets up to a multiple of the block length. Empty input stays empty. */
function fill(octets: Uint8Array, blockLength: number): Buffer {
  return octets.length === 0
    ? Buffer.alloc(0)
    : Buffer.alloc(Math.ceil(octets.length / blockLength) * blockLength, octets);
}

/** Adds a number and one to each block of the input. A carry out of the block is dropped. */
function addToBlocks(input: Buffer, addend: Buffer): void {
  for (let start = 0; start < input.length; start += addend.length) {
    let carry = 1;
    for (let index = addend.length - 1; index >= 0; index--) {
      const sum = (input[start + index] ?? 0) + (addend[index] ?? 0) + carry;
      input[start + index] = sum & 0xff;
      carry = sum >> 8;
    }
  }
}

// AES-128-CBC on node:crypto (NIST SP 800-38A §6.2). Creating a cipher takes longer than encrypting a short
// message, so each key has one cipher and one decipher for all messages. CBC adds the last block of
// ciphertext to the next block. So a new chain starts if that block and the new IV are added to the first
// block of a message.
import { type Cipheriv, createCipheriv, createDecipheriv, type Decipheriv } from 'node:crypto';
import type { AesCbc, Bytes } from './primitives.ts';

const BLOCK = 16;
/** Node allocates the output of each step. Up to this length, the allocator reuses memory. */
const STEP = 32 * 1024;

export function aes128Cbc(key: Uint8Array): AesCbc {
  const secret = Uint8Array.from(key);
  const zero = new Uint8Array(BLOCK);
  const encryption = chain<Cipheriv>(() => createCipheriv('aes-128-cbc', secret, zero).setAutoPadding(false));
  const decryption = chain<Decipheriv>(() =>
    createDecipheriv('aes-128-cbc', secret, zero).setAutoPadding(false),
  );
  return {
    encryptInto(target, iv, plaintext) {
      encryption.message(target, (cipher, previous) => {
        for (let at = 0; at < target.length; at += STEP) {
          const step = stepAt(plaintext, at, target.length);
          if (at === 0) addBlocks(step, previous, iv);
          target.set(cipher.update(step), at);
        }
      });
    },
    decrypt(iv, ciphertext) {
      // An incomplete block would stay in the decipher, and appear before the next message.
      if (ciphertext.length === 0 || ciphertext.length % BLOCK !== 0)
        throw new RangeError('The ciphertext is not whole blocks.');
      const padded = decryption.message(ciphertext, (decipher, previous) => {
        const blocks = decipher.update(ciphertext);
        addBlocks(blocks, previous, iv);
        return blocks;
      });
      return withoutPadding(padded);
    },
  };
}

/** A cipher for all messages of a key. */
interface Chain<Cipher> {
  /** `work` processes one message. Its `ciphertext` is complete when the work ends. */
  message<Result>(ciphertext: Uint8Array, work: (cipher: Cipher, previous: Uint8Array) => Result): Result;
}

function chain<Cipher>(create: () => Cipher): Chain<Cipher> {
  let cipher: Cipher | undefined;
  let previous = new Uint8Array(BLOCK);
  return {
    message(ciphertext, work) {
      const current = cipher ?? create();
      // The state after a failure is unknown, so the next message gets a new cipher.
      const before = cipher === undefined ? new Uint8Array(BLOCK) : previous;
      cipher = undefined;
      const result = work(current, before);
      previous = Uint8Array.from(ciphertext.subarray(-BLOCK));
      cipher = current;
      return result;
    },
  };
}

/** The part of the padded plaintext at `at`: a copy if it is the first or the last. */
function stepAt(plaintext: Uint8Array, at: number, paddedLength: number): Uint8Array {
  const end = Math.min(at + STEP, paddedLength);
  if (at > 0 && end < paddedLength) return plaintext.subarray(at, end);
  const step = Buffer.allocUnsafe(end - at);
  const content = plaintext.subarray(at, end);
  step.set(content);
  return step.fill(paddedLength - plaintext.length, content.length);
}

/** Adds two blocks to the first block of `bytes`, as CBC does (exclusive or). */
function addBlocks(bytes: Uint8Array, one: Uint8Array, other: Uint8Array): void {
  for (let index = 0; index < BLOCK; index += 1)
    bytes[index] = (bytes[index] as number) ^ (one[index] as number) ^ (other[index] as number);
}

/**
 * PKCS #7 padding (RFC 5652 §6.3): 1 to 16 octets, each with their number as value. Throws for any other
 * padding.
 */
function withoutPadding(padded: Buffer<ArrayBuffer>): Bytes {
  const count = padded.at(-1) ?? 0;
  const end = padded.length - count;
  let isPadded = count >= 1 && count <= BLOCK && end >= 0;
  for (let at = end; isPadded && at < padded.length; at += 1) isPadded = padded[at] === count;
  if (!isPadded) throw new RangeError('The padding is wrong.');
  return new Uint8Array(padded.buffer, padded.byteOffset, end);
}

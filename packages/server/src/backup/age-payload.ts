// The payload of an age file (c2sp.org/age): chunks of 64 KiB, each encrypted with ChaCha20-Poly1305. The
// nonce counts the chunks and marks the last one. So decryption fails if a chunk was changed, moved or
// removed, and a file of any size needs little memory.
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import type { OctetReader } from './octet-reader.ts';
import { createOctetReader } from './octet-reader.ts';
import { ALTERED, unreadable } from './unreadable.ts';

export const CHUNK_BYTES = 64 * 1024;
const NONCE_BYTES = 16;
const TAG_BYTES = 16;
const SEALED_BYTES = CHUNK_BYTES + TAG_BYTES;

/** Encrypts `source` under the key of the file. */
export async function* sealPayload(
  fileKey: Uint8Array,
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<Buffer> {
  const nonce = randomBytes(NONCE_BYTES);
  yield nonce;
  const key = payloadKey(fileKey, nonce);
  const reader = createOctetReader(source);
  try {
    let chunk = await reader.next(CHUNK_BYTES);
    for (let counter = 0; ; counter += 1) {
      const following = await reader.next(CHUNK_BYTES);
      const isLast = following.length === 0;
      yield seal(key, chunkNonce(counter, isLast), chunk);
      if (isLast) return;
      chunk = following;
    }
  } finally {
    await reader.close();
  }
}

/**
 * Decrypts the octets of `reader`. Throws `backup_unreadable`, also after the first chunks: do not trust any
 * before the end.
 */
export async function* openPayload(fileKey: Uint8Array, reader: OctetReader): AsyncGenerator<Buffer> {
  const nonce = await reader.next(NONCE_BYTES);
  if (nonce.length < NONCE_BYTES) throw unreadable(ALTERED);
  const key = payloadKey(fileKey, nonce);
  let chunk = await reader.next(SEALED_BYTES);
  for (let counter = 0; ; counter += 1) {
    const following = await reader.next(SEALED_BYTES);
    const isLast = following.length === 0;
    const opened = open(key, chunkNonce(counter, isLast), chunk);
    // Otherwise, an empty chunk could be added to a file that ends with a full chunk.
    if (opened.length === 0 && counter > 0) throw unreadable(ALTERED);
    yield opened;
    if (isLast) return;
    chunk = following;
  }
}

function payloadKey(fileKey: Uint8Array, nonce: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', fileKey, nonce, 'payload', 32));
}

/** Eleven octets count the chunks, and the twelfth marks the last one. A double counts to 2^48 exactly. */
function chunkNonce(counter: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUIntBE(counter, 5, 6);
  nonce[11] = isLast ? 1 : 0;
  return nonce;
}

function seal(key: Uint8Array, nonce: Buffer, chunk: Buffer): Buffer {
  const cipher = createCipheriv('chacha20-poly1305', key, nonce, { authTagLength: TAG_BYTES });
  return Buffer.concat([cipher.update(chunk), cipher.final(), cipher.getAuthTag()]);
}

function open(key: Uint8Array, nonce: Buffer, sealed: Buffer): Buffer {
  if (sealed.length < TAG_BYTES) throw unreadable(ALTERED);
  const cipher = createDecipheriv('chacha20-poly1305', key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
  const opened = cipher.update(sealed.subarray(0, sealed.length - TAG_BYTES));
  try {
    cipher.final();
    return opened;
  } catch (error) {
    throw unreadable(ALTERED, error);
  }
}

// HMAC-SHA-256 on node:crypto (RFC 2104 §2). Creating an Hmac object takes longer than hashing a short
// message, so the HMAC of a short message is computed from two hashes.
import { createHmac, createSecretKey, hash, type KeyObject } from 'node:crypto';
import type { Bytes } from './primitives.ts';

const BLOCK = 64;
const HASH = 32;
const ZEROS = new Uint8Array(BLOCK);
/** Longer messages are not copied. */
const SHORT = 8 * 1024;

export function hmacSha256(key: Uint8Array): (data: Uint8Array) => Bytes {
  // A copy, because the caller may reuse the memory of the key. The rest is created for the first message,
  // because many keys are never used.
  const own = Uint8Array.from(key);
  let pads: Pads | undefined;
  let secret: KeyObject | undefined;
  return (data) => {
    if (data.length > SHORT) {
      secret ??= createSecretKey(own);
      return createHmac('sha256', secret).update(data).digest();
    }
    pads ??= padsOf(own);
    const { inner, outer } = pads;
    const message = Buffer.allocUnsafe(BLOCK + data.length);
    message.set(inner);
    message.set(data, BLOCK);
    outer.write(hash('sha256', message, LATIN1), BLOCK, LATIN1);
    message.set(ZEROS); // Node would reuse this memory without clearing it
    const code = new Uint8Array(HASH);
    Buffer.from(code.buffer).write(hash('sha256', outer, LATIN1), LATIN1);
    return code;
  };
}

/** The key in the two forms for hashing. `outer` has room for the inner hash. */
interface Pads {
  inner: Uint8Array;
  outer: Buffer;
}

function padsOf(key: Uint8Array): Pads {
  const inner = new Uint8Array(BLOCK);
  inner.set(key.length > BLOCK ? hash('sha256', key, 'buffer') : key);
  const outer = Buffer.alloc(BLOCK + HASH);
  for (let at = 0; at < BLOCK; at += 1) {
    outer[at] = (inner[at] as number) ^ 0x5c;
    inner[at] = (inner[at] as number) ^ 0x36;
  }
  return { inner, outer };
}

/** A string with one octet for each character is faster than a Buffer. */
const LATIN1 = 'latin1';

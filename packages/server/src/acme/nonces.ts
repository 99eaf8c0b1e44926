// Anti-replay nonces (RFC 8555 §6.5): a counter and its MAC, so that nothing is kept of one that was handed out, and one bit for
// each of the last million, so that none is used twice. The key is of this process: after a restart each is refused once.
import { createHmac, timingSafeEqual } from 'node:crypto';

export interface Nonces {
  /** A new nonce, in base64url. */
  issue(): string;
  /** Whether it was issued here, recently, and not used before; it is used now. */
  consume(nonce: string): boolean;
}

const COUNTER_BYTES = 6;
const MAC_BYTES = 16;
const LENGTH = Math.ceil(((COUNTER_BYTES + MAC_BYTES) * 4) / 3);
const WINDOW = 2 ** 20;

/** `key`: 32 random bytes. `window`: how many nonces are remembered, a multiple of 8. */
export function createNonces(key: Uint8Array, window = WINDOW): Nonces {
  const used = new Uint8Array(window / 8);
  let issued = 0;

  function mac(counter: Uint8Array): Buffer {
    return createHmac('sha256', key).update(counter).digest().subarray(0, MAC_BYTES);
  }

  function counterOf(nonce: string): number | undefined {
    if (nonce.length !== LENGTH) return undefined;
    const octets = Buffer.from(nonce, 'base64url');
    // Only the canonical text counts: others that decode to the same would be the same nonce anyway.
    if (octets.length !== COUNTER_BYTES + MAC_BYTES) return undefined;
    const counter = octets.subarray(0, COUNTER_BYTES);
    if (!timingSafeEqual(octets.subarray(COUNTER_BYTES), mac(counter))) return undefined;
    return counter.readUIntBE(0, COUNTER_BYTES);
  }

  return {
    issue() {
      issued += 1;
      const slot = issued % window;
      used[slot >> 3] = (used[slot >> 3] ?? 0) & ~(1 << (slot & 7));
      const counter = Buffer.alloc(COUNTER_BYTES);
      counter.writeUIntBE(issued, 0, COUNTER_BYTES);
      return Buffer.concat([counter, mac(counter)]).toString('base64url');
    },
    consume(nonce) {
      const counter = counterOf(nonce);
      if (counter === undefined || counter <= issued - window) return false;
      const slot = counter % window;
      const bit = 1 << (slot & 7);
      const octet = used[slot >> 3] ?? 0;
      if ((octet & bit) !== 0) return false;
      used[slot >> 3] = octet | bit;
      return true;
    },
  };
}

// Nonces of Digest challenges (RFC 7616 §3.3), and of signatures (RFC 9421 §5). A nonce contains its time,
// random octets and a MAC over both. So every process recognises the nonces of all others, and no process
// stores them before use.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../clock.ts';

export interface Nonces {
  create(): string;
  /** When the nonce expires, in milliseconds since the epoch; undefined if it is not ours, or has expired. */
  endOf(nonce: string): number | undefined;
}

/** Long enough for a client with occasional requests, and short enough to store the nonces in use. */
const LIFETIME_MS = 300_000;
const TIME_OCTETS = 6;
const RANDOM_OCTETS = 10;
const MAC_OCTETS = 16;
const SIGNED_OCTETS = TIME_OCTETS + RANDOM_OCTETS;

/** All processes must have the same `key`. */
export function createNonces(key: Uint8Array, clock: Clock): Nonces {
  const mac = (octets: Uint8Array) =>
    createHmac('sha256', key).update('gatehouse-nonce-v1').update(octets).digest().subarray(0, MAC_OCTETS);

  return {
    create() {
      const signed = Buffer.alloc(SIGNED_OCTETS);
      signed.writeUIntBE(clock.now(), 0, TIME_OCTETS);
      randomBytes(RANDOM_OCTETS).copy(signed, TIME_OCTETS);
      return Buffer.concat([signed, mac(signed)]).toString('base64url');
    },
    endOf(nonce) {
      const octets = Buffer.from(nonce, 'base64url');
      // Another spelling of the same octets would have a separate count.
      if (octets.length !== SIGNED_OCTETS + MAC_OCTETS || octets.toString('base64url') !== nonce)
        return undefined;
      const signed = octets.subarray(0, SIGNED_OCTETS);
      if (!timingSafeEqual(octets.subarray(SIGNED_OCTETS), mac(signed))) return undefined;
      const madeAt = octets.readUIntBE(0, TIME_OCTETS);
      const now = clock.now();
      // A nonce that was made while the clock was ahead would be valid for too long.
      return madeAt <= now && now < madeAt + LIFETIME_MS ? madeAt + LIFETIME_MS : undefined;
    },
  };
}

// Anti-replay nonces (RFC 8555 §6.5): 16 random octets each. The last 131,072 are in memory, and each is
// erased when it is used. So memory never grows, and no nonce is accepted twice. After a restart, all are
// unknown, and clients try again with a new one.
import { timingSafeEqual } from 'node:crypto';
import type { RandomBytes } from '../ids.ts';

export interface Nonces {
  /** A new nonce, in base64url. */
  issue(): string;
  /** Uses the nonce: true if this server issued it recently and it was not used before. */
  consume(nonce: string): boolean;
}

const SLOT_BYTES = 4;
const SECRET_BYTES = 16;
const NONCE_BYTES = SLOT_BYTES + SECRET_BYTES;
const LENGTH = Math.ceil((NONCE_BYTES * 4) / 3);
const WINDOW = 2 ** 17;
const SECRETS_PER_DRAW = 256;

/** `window`: how many nonces are in memory. */
export function createNonces(randomBytes: RandomBytes, window = WINDOW): Nonces {
  // A slot of zeros holds no nonce: it was never filled, or its nonce was used.
  const secrets = Buffer.alloc(window * SECRET_BYTES);
  const none = Buffer.alloc(SECRET_BYTES);
  let pool = Buffer.alloc(0);
  let next = 0;

  function drawSecret(): Buffer {
    if (pool.length === 0) pool = Buffer.from(randomBytes(SECRET_BYTES * SECRETS_PER_DRAW));
    const secret = pool.subarray(0, SECRET_BYTES);
    pool = pool.subarray(SECRET_BYTES);
    return secret;
  }

  return {
    issue() {
      const nonce = Buffer.allocUnsafe(NONCE_BYTES);
      nonce.writeUInt32BE(next, 0);
      const secret = drawSecret();
      secret.copy(nonce, SLOT_BYTES);
      secret.copy(secrets, next * SECRET_BYTES);
      next = (next + 1) % window;
      return nonce.toString('base64url');
    },
    consume(nonce) {
      const octets = nonce.length === LENGTH ? Buffer.from(nonce, 'base64url') : none;
      if (octets.length !== NONCE_BYTES) return false;
      const start = octets.readUInt32BE(0) * SECRET_BYTES;
      const secret = secrets.subarray(start, start + SECRET_BYTES);
      if (secret.length !== SECRET_BYTES || secret.equals(none)) return false;
      if (!timingSafeEqual(secret, octets.subarray(SLOT_BYTES))) return false;
      secret.fill(0);
      return true;
    },
  };
}

// Ids of accounts, orders and authorizations, and tokens of challenges. An id begins with its time; the rest
// is random. So ids sort by age, and rows that are made together are stored together. A token is 128 random
// bits (RFC 8555 §8.1, §11.3).
import type { Clock } from '@gatehouse/access';

/** Octets from a cryptographic random generator. */
export type RandomBytes = (size: number) => Uint8Array;

export interface Ids {
  /** 32 hexadecimal digits. */
  next(): string;
  /** base64url. */
  token(): string;
}

const TIME_BYTES = 6;
const ID_BYTES = 16;
const IDS_PER_DRAW = 64;
const ID = /^[0-9a-f]{32}$/;

/** Gets random octets for many ids at once, because a call to the system costs more than the other steps. */
export function createIds({ clock, randomBytes }: { clock: Clock; randomBytes: RandomBytes }): Ids {
  let pool = Buffer.alloc(0);

  function draw(): Buffer {
    if (pool.length === 0) pool = Buffer.from(randomBytes(ID_BYTES * IDS_PER_DRAW));
    const drawn = pool.subarray(0, ID_BYTES);
    pool = pool.subarray(ID_BYTES);
    return drawn;
  }

  return {
    next() {
      const id = draw();
      id.writeUIntBE(clock.now(), 0, TIME_BYTES);
      return id.toString('hex');
    },
    token: () => draw().toString('base64url'),
  };
}

/** A text that sorts before every id that was made at this time or later. `time` is in milliseconds. */
export function lowestId(time: number): string {
  return time.toString(16).padStart(2 * TIME_BYTES, '0');
}

export function isId(text: string): boolean {
  return ID.test(text);
}

// What distinguishes one Fernet token from another: its time, and a part of its MAC. Both were
// verified with the token.
import type { Bytes } from '../crypto/primitives.ts';
import { timeOf } from '../fernet/token.ts';

export interface TokenMark {
  /** Seconds since the epoch. */
  readonly time: number;
  /**
   * The first 48 bits of the MAC. Two tokens of one second have the same bits with a probability of 2^-48.
   */
  readonly id: number;
}

const MAC_BYTES = 32;

/** Reads a token that was decrypted. */
export function tokenMark(token: Bytes): TokenMark {
  const view = new DataView(token.buffer, token.byteOffset, token.length);
  const mac = token.length - MAC_BYTES;
  return {
    time: timeOf(token),
    id: view.getUint16(mac) * 2 ** 32 + view.getUint32(mac + 2),
  };
}

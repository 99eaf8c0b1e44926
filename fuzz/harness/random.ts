// Numbers that look random and are the same for the same seed (xorshift, Marsaglia 2003), so that a run can
// be repeated. Not for cryptography.

/** A source of choices. */
export interface Random {
  /** An integer from 0 up to but without `limit`. */
  below(limit: number): number;
  pick<T>(items: readonly T[]): T;
  octets(length: number): Uint8Array;
}

/** @param seed any integer */
export function createRandom(seed: number): Random {
  // Zero is the only state that xorshift never leaves.
  let state = seed | 0 || 1;
  const next = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
  const below = (limit: number) => next() % limit;
  return {
    below,
    pick: <T>(items: readonly T[]) => {
      if (items.length === 0) throw new TypeError('there is nothing to pick from');
      return items[below(items.length)] as T;
    },
    octets: (length) => Uint8Array.from({ length }, () => next() & 0xff),
  };
}

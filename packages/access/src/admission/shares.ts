// Divides places among parties, so that no party can take all of them. A party gets another place only if it
// has fewer places than are free. So a single party can take half of the places, two parties a third each,
// and so on, and a party with few places can always get one.

/** The places, and how many of them each party has taken. */
export interface Shares {
  /** Takes a place. False if none is left for this party. */
  take(party: string): boolean;
  /** Returns a place that was taken. */
  release(party: string): void;
}

/**
 * At most `places` are taken at any time.
 * @example
 * const shares = createShares(2000);
 * if (!shares.take(user)) throw new Error('busy');
 */
export function createShares(places: number): Shares {
  const taken = new Map<string, number>();
  let total = 0;
  return {
    take(party) {
      const own = taken.get(party) ?? 0;
      if (own >= places - total) return false;
      taken.set(party, own + 1);
      total += 1;
      return true;
    },
    release(party) {
      const own = taken.get(party);
      if (own === undefined) return;
      if (own === 1) taken.delete(party);
      else taken.set(party, own - 1);
      total -= 1;
    },
  };
}

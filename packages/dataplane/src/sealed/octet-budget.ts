// Memory for messages that are held whole. No caller can use all of it: a caller that holds more than is free
// gets no more.

export interface OctetBudget {
  /** Takes this many octets. False if not enough are left for this party. */
  take(party: string, octets: number): boolean;
  /** Returns taken octets to the budget. */
  release(party: string, octets: number): void;
}

export function createOctetBudget(total: number): OctetBudget {
  const taken = new Map<string, number>();
  let sum = 0;
  return {
    take(party, octets) {
      const own = taken.get(party) ?? 0;
      if (own + octets > total - sum) return false;
      taken.set(party, own + octets);
      sum += octets;
      return true;
    },
    release(party, octets) {
      const own = (taken.get(party) ?? 0) - octets;
      if (own > 0) taken.set(party, own);
      else taken.delete(party);
      sum -= octets;
    },
  };
}

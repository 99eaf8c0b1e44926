// Remembers what the gateway's workers and the control listener have claimed, until it ends: proofs and
// nonces that count once. It is in memory, so a restart forgets it. Nonces of before are void then, because
// their key is new. A DPoP proof of before the restart counts again for the rest of its minute.
import type { Claims, Clock } from '@gatehouse/access';

export interface ClaimStore extends Claims {
  /** How many claims are remembered. */
  count(): number;
}

/** About 50 MB. Beyond it, nothing new is accepted, because forgetting one would let it count twice. */
const MAX_CLAIMS = 500_000;
/** How many of the oldest are looked at for each new one. */
const LOOKED_AT = 4;

/**
 * A store of at most `limit` claims.
 * @example
 * const claims = createClaimStore(systemClock);
 * (await claims.claim({ key: 'dpop:…', expiresAt })) === 'first';
 */
export function createClaimStore(clock: Clock, limit: number = MAX_CLAIMS): ClaimStore {
  /** In the order in which they came, which is about that in which they end. */
  const ends = new Map<string, number>();

  function forgetEnded(now: number, most: number): void {
    let looked = 0;
    for (const [key, expiresAt] of ends) {
      if (expiresAt <= now) ends.delete(key);
      looked += 1;
      if (looked >= most) return;
    }
  }

  return {
    count: () => ends.size,
    async claim({ key, expiresAt }) {
      const now = clock.now();
      if (expiresAt <= now || (ends.get(key) ?? 0) > now) return 'again';
      forgetEnded(now, LOOKED_AT);
      if (ends.size >= limit) forgetEnded(now, limit);
      if (ends.size >= limit) return 'full';
      ends.delete(key);
      ends.set(key, expiresAt);
      return 'first';
    },
  };
}

// Remembers what the gateway's workers and the control listener have claimed, until it ends: proofs and
// nonces that count once. Each party has a share of the places, so that no client can take all.
//
// Almost all of it is in memory only, and a restart forgets it. Nothing counts twice for that: nonces of
// before are void, because their key is new, and DPoP proofs that were made before the start are refused.
// A proof of a client whose clock is ahead could still be used after the start. So its claim is stored, on
// disk before the answer.
//
// If the clock is set back, things that have ended count again, and their claims are forgotten. So nothing
// is the first that ends no later than a claim that was forgotten.
import type { Claim, Claims, Clock } from '@gatehouse/access';
import { createShares } from '@gatehouse/access';
import type { ClaimRows } from './claim-rows.ts';

export interface ClaimStore extends Claims {
  /** How many claims are remembered. */
  count(): number;
}

export interface ClaimStoreDeps {
  clock: Clock;
  rows: ClaimRows;
}

/** About 100 MB. One party alone can have half of them: for DPoP, about 4,000 requests a second. */
const MAX_CLAIMS = 500_000;

/**
 * A store of at most `limit` claims, with those that an earlier process has stored.
 * @example
 * const claims = await openClaimStore({ clock: systemClock, rows });
 * (await claims.claim({ key: 'dpop:…', party: 'alice', expiresAt })) === 'first';
 */
export async function openClaimStore(
  { clock, rows }: ClaimStoreDeps,
  limit: number = MAX_CLAIMS,
): Promise<ClaimStore> {
  const shares = createShares(limit);
  const known = new Map<string, Claim>();
  /** By the second in which they end. */
  const ending = new Map<number, Claim[]>();
  let forgotAt = Number.NaN;
  /** The latest end of what was forgotten. */
  let forgottenUntil = 0;

  function remember(claim: Claim): void {
    const second = Math.ceil(claim.expiresAt / 1000);
    const others = ending.get(second);
    if (others) others.push(claim);
    else ending.set(second, [claim]);
    known.set(claim.key, claim);
  }

  /** At most once a second. */
  function forgetEnded(now: number): void {
    const second = Math.floor(now / 1000);
    if (second === forgotAt) return;
    forgotAt = second;
    for (const [end, claims] of ending) {
      if (end > second) continue;
      ending.delete(end);
      forgottenUntil = Math.max(forgottenUntil, end * 1000);
      for (const claim of claims) {
        shares.release(claim.party);
        if (known.get(claim.key) === claim) known.delete(claim.key);
      }
    }
  }

  for (const stored of await rows.load(clock.now())) {
    if (shares.take(stored.party)) remember(stored);
  }

  return {
    count: () => known.size,
    async claim(claim) {
      const now = clock.now();
      const { key, party, expiresAt, madeAt = 0 } = claim;
      if (expiresAt <= now || (known.get(key)?.expiresAt ?? 0) > now) return 'again';
      forgetEnded(now);
      if (expiresAt <= forgottenUntil) return 'forgotten';
      if (!shares.take(party)) return 'full';
      remember(claim);
      if (madeAt > now) await rows.store(claim, now);
      return 'first';
    },
  };
}

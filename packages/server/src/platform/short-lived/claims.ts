// Remembers the claims of the gateway's workers and the control listener: proofs and nonces that are accepted
// only once. Each party has a share of the places, so that no client can take all.
//
// Almost all claims are only in memory, and a restart forgets them. Still, nothing is accepted twice: earlier
// nonces are void, because the key is new, and DPoP proofs from before the start are refused. If the clock of
// a client is ahead, its proof could still be used after the start. So this claim is on disk before the
// answer.
//
// If the clock is set back, expired values become valid again. So some claims are remembered beyond their
// end. If claims were forgotten, in this process or by a restart, a value that they may have covered is
// `forgotten`. The exception is a value with a part that the server made since the clock was set back.
import type { Claim, Claims, Clock } from '@gatehouse/access';
import { createShares } from '@gatehouse/access';
import type { ClaimRows } from './claim-rows.ts';
import type { ClockRuns } from './clock-runs.ts';

export interface ClaimStore extends Claims {
  /** The number of remembered claims that have not ended. */
  count(): number;
  /** The run of the clock. Values that the server makes now are new in this run. */
  readonly run: number;
  /** Whether the claim of a value that is valid now or later may have been forgotten. */
  isInDoubt(): boolean;
}

export interface ClaimStoreDeps {
  clock: Clock;
  rows: ClaimRows;
  runs: ClockRuns;
}

/** About 100 MB. One party can have half of them: for DPoP, about 4,000 requests a second. */
const MAX_CLAIMS = 500_000;
/** How many ended claims are remembered, too, as a part of this limit. */
const ENDED_SHARE = 1 / 5;

/** How many runs of the clock have a separate range. */
const MAX_RANGES = 64;

/** Claims from before the start. */
const BEFORE = -1;

interface KnownClaim extends Claim {
  /** The run of the clock. */
  claimedIn: number;
}

/** The first and the last end of the forgotten claims of one run of the clock. */
interface Forgotten {
  run: number;
  from: number;
  until: number;
}

/**
 * A store of at most `limit` claims. Begins with the claims that an earlier process has stored.
 * @example
 * const claims = await openClaimStore({ clock: systemClock, rows, runs });
 * (await claims.claim({ key: 'dpop:…', party: 'alice', expiresAt })) === 'first';
 */
export async function openClaimStore(
  { clock, rows, runs }: ClaimStoreDeps,
  limit: number = MAX_CLAIMS,
): Promise<ClaimStore> {
  const shares = createShares(limit);
  const known = new Map<string, KnownClaim>();
  /** The claims by the second in which they end. */
  const ending = new Map<number, KnownClaim[]>();
  let live = 0;
  let lookedAt = Number.NaN;
  // Two generations, because removing single entries takes longer than beginning another list.
  let ended: KnownClaim[] = [];
  let endedBefore: KnownClaim[] = [];
  const forgotten: Forgotten[] = [];

  function remember(claim: KnownClaim): void {
    const second = Math.ceil(claim.expiresAt / 1000);
    const others = ending.get(second);
    if (others) others.push(claim);
    else ending.set(second, [claim]);
    known.set(claim.key, claim);
    live += 1;
  }

  /** At most once a second. */
  function endSome(now: number): void {
    const second = Math.floor(now / 1000);
    if (second === lookedAt) return;
    lookedAt = second;
    for (const [end, claims] of ending) {
      if (end > second) continue;
      ending.delete(end);
      for (const claim of claims) endClaim(claim);
    }
  }

  function endClaim(claim: KnownClaim): void {
    shares.release(claim.party);
    live -= 1;
    ended.push(claim);
    if (ended.length < (limit * ENDED_SHARE) / 2) return;
    for (const oldest of endedBefore) forget(oldest);
    endedBefore = ended;
    ended = [];
  }

  function forget(claim: KnownClaim): void {
    if (known.get(claim.key) === claim) known.delete(claim.key);
    const { expiresAt, claimedIn } = claim;
    const range = forgotten.find(({ run }) => run === claimedIn) ?? addRange(claimedIn);
    range.from = Math.min(range.from, expiresAt);
    range.until = Math.max(range.until, expiresAt);
  }

  function addRange(run: number): Forgotten {
    const range = { run, from: Number.POSITIVE_INFINITY, until: Number.NEGATIVE_INFINITY };
    forgotten.push(range);
    if (forgotten.length <= MAX_RANGES) return range;
    const [first, second] = forgotten.splice(0, 2) as [Forgotten, Forgotten];
    const [from, until] = [Math.min(first.from, second.from), Math.max(first.until, second.until)];
    forgotten.unshift({ run: second.run, from, until });
    return range;
  }

  /** A value that the server made in this run of the clock was not used in an earlier one. */
  function isForgotten({ expiresAt, madeAt = 0, run }: Claim): boolean {
    const isOfThisRun = run === runs.current;
    const isLost = forgotten.some(
      (lost) =>
        (lost.run === runs.current || !isOfThisRun) && lost.from <= expiresAt && expiresAt <= lost.until,
    );
    if (isLost || isOfThisRun) return isLost;
    return runs.ahead.some(({ from, until }) => from < expiresAt && madeAt <= until);
  }

  for (const stored of await rows.load(clock.now())) {
    if (shares.take(stored.party)) remember({ ...stored, claimedIn: BEFORE });
  }

  return {
    count: () => live,
    get run() {
      runs.observe(clock.now());
      return runs.current;
    },
    isInDoubt() {
      const now = clock.now();
      return [...forgotten, ...runs.ahead].some(({ until }) => until > now);
    },
    async claim(claim) {
      const now = clock.now();
      runs.observe(now);
      const { key, party, expiresAt, madeAt = 0 } = claim;
      if (expiresAt <= now || (known.get(key)?.expiresAt ?? 0) > now) return 'again';
      endSome(now);
      if (isForgotten(claim)) return 'forgotten';
      if (!shares.take(party)) return 'full';
      remember({ ...claim, claimedIn: runs.current });
      await runs.reach(now);
      if (madeAt > now) await rows.store(claim, now);
      return 'first';
    },
  };
}

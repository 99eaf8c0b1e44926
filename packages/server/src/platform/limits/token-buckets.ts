// Token buckets, one for each key: `atOnce` tokens at the start, then `perHour`. At most `keys` keys are
// remembered; the one that was unused for the longest time is removed first. A caller can store the buckets,
// and begin with stored ones.
import type { Clock } from '@gatehouse/access';

/** The number of tokens in a bucket at a given time. */
export interface Bucket {
  tokens: number;
  at: number;
}

export interface TokenBuckets {
  /** Takes a token and returns 0; without a token, returns the seconds until there is one. */
  take(key: string): number;
  /** The seconds until there is a token; 0 if there is one. Takes nothing. */
  wait(key: string): number;
  /** Takes a token even if there is none: the next ones then come later. */
  spend(key: string): void;
  /** Fills the bucket. */
  refill(key: string): void;
}

export interface TokenBucketOptions {
  atOnce: number;
  perHour: number;
  keys: number;
  /** Stored buckets to begin with. */
  initial?: Iterable<readonly [key: string, bucket: Bucket]>;
  /** Called with each bucket that changes; undefined if the bucket is full or was removed. */
  changed?(key: string, bucket: (Bucket & { fullAt: number }) | undefined): void;
}

const HOUR_MS = 3_600_000;

export function createTokenBuckets(
  { atOnce, perHour, keys, initial = [], changed }: TokenBucketOptions,
  clock: Clock,
): TokenBuckets {
  const buckets = new Map<string, Bucket>(initial);
  const msPerToken = HOUR_MS / perHour;

  function tokensOf(key: string, now: number): number {
    const known = buckets.get(key);
    // The clock may have been set back.
    return known ? Math.min(atOnce, known.tokens + Math.max(0, now - known.at) / msPerToken) : atOnce;
  }

  function store(key: string, bucket: Bucket): void {
    buckets.delete(key);
    buckets.set(key, bucket);
    changed?.(key, { ...bucket, fullAt: bucket.at + (atOnce - bucket.tokens) * msPerToken });
    const [oldest] = buckets.keys();
    if (buckets.size > keys && oldest !== undefined) forget(oldest);
  }

  function forget(key: string): void {
    if (buckets.delete(key)) changed?.(key, undefined);
  }

  function secondsUntilOne(tokens: number): number {
    return tokens >= 1 ? 0 : Math.max(1, Math.ceil(((1 - tokens) * msPerToken) / 1000));
  }

  return {
    take(key) {
      const now = clock.now();
      const tokens = tokensOf(key, now);
      store(key, { tokens: tokens >= 1 ? tokens - 1 : tokens, at: now });
      return secondsUntilOne(tokens);
    },
    wait: (key) => secondsUntilOne(tokensOf(key, clock.now())),
    spend(key) {
      const now = clock.now();
      store(key, { tokens: tokensOf(key, now) - 1, at: now });
    },
    refill: forget,
  };
}

// Limits wrong passwords and wrong codes (NIST SP 800-63B-4 §3.2.2), without locking the user out: an address
// from which the user has signed in before has its own limits, which failures elsewhere do not change.
// Accounts that do not exist have the same limits, so that a 429 does not show which accounts exist. The
// counts are on disk before the answer to a failure, so that a restart does not reset them.
import { hash } from 'node:crypto';
import type { Clock } from '@gatehouse/access';
import { GatehouseError } from '@gatehouse/access';
import { addressShareOf } from '../../platform/limits/address-share.ts';
import type { TokenBucketOptions } from '../../platform/limits/token-buckets.ts';
import { createTokenBuckets } from '../../platform/limits/token-buckets.ts';
import type { FailureMemory } from './failure-memory.ts';

/** An attempt to authenticate. */
export interface Attempt {
  /** The name of the user, which may not exist. */
  account: string;
  /** The address share of the client. */
  address: string;
  /** Whether the user has signed in from this address share before. */
  isKnown: boolean;
}

export interface FailureLimits {
  /** Throws `too_many_requests` if there were too many failures. */
  requireRoom(attempt: Attempt): void;
  /** Counts at once. Resolves when the count is on disk; never rejects. */
  failed(attempt: Attempt): Promise<void>;
  succeeded(attempt: Attempt): void;
}

export interface FailureRate {
  atOnce: number;
  perHour: number;
}

export interface FailureRates {
  /** The limit of one account from one address. */
  pair: FailureRate;
  /** The same for an address from which the user has signed in before. */
  knownPair: FailureRate;
  /** The limit of one account from all unknown addresses. */
  account: FailureRate;
  /** The limit of one address, for all accounts that have not signed in from it. */
  address: FailureRate;
}

export const PASSWORD_RATES: FailureRates = {
  pair: { atOnce: 10, perHour: 60 },
  knownPair: { atOnce: 30, perHour: 120 },
  account: { atOnce: 100, perHour: 60 },
  // Many people may share an address. Beyond this, hashes from there take 3 % of a core.
  address: { atOnce: 1000, perHour: 3600 },
};

/** Three of a million codes are valid at any time, so guessing one takes years at this rate. */
export const CODE_RATES: FailureRates = {
  pair: { atOnce: 5, perHour: 12 },
  knownPair: { atOnce: 5, perHour: 12 },
  account: { atOnce: 20, perHour: 12 },
  address: { atOnce: 200, perHour: 3600 },
};

const KEYS = 20_000;

export interface FailureLimitsDeps {
  clock: Clock;
  memory: FailureMemory;
}

/**
 * `name` distinguishes these limits from others; `what` names the wrong input in the message: `passwords`.
 *
 */
export function createFailureLimits(
  rates: FailureRates,
  { name, what }: { name: string; what: string },
  { clock, memory }: FailureLimitsDeps,
): FailureLimits {
  const buckets = (kind: keyof FailureRates) => {
    const limit = `${name} ${kind}`;
    const initial = memory.of(limit);
    const changed: TokenBucketOptions['changed'] = (key, bucket) => memory.note(limit, key, bucket);
    return createTokenBuckets({ ...rates[kind], keys: KEYS, initial, changed }, clock);
  };
  const pairs = buckets('pair');
  const knownPairs = buckets('knownPair');
  const accounts = buckets('account');
  const addresses = buckets('address');

  /** The buckets that an attempt takes from, each with its key. */
  function limiting({ account, address, isKnown }: Attempt) {
    const [name, share] = [account.toLowerCase(), addressShareOf(address)];
    const pair = keyOf(`${share} ${name}`);
    if (isKnown) return [[knownPairs, pair]] as const;
    return [
      [pairs, pair],
      [accounts, keyOf(name)],
      [addresses, keyOf(share)],
    ] as const;
  }

  return {
    requireRoom(attempt) {
      const seconds = Math.max(...limiting(attempt).map(([bucket, key]) => bucket.wait(key)));
      if (seconds === 0) return;
      throw new GatehouseError('too_many_requests', `Too many wrong ${what}: try again in ${seconds} s.`, {
        retryAfterSeconds: seconds,
      });
    },
    failed(attempt) {
      for (const [bucket, key] of limiting(attempt)) bucket.spend(key);
      return memory.written();
    },
    succeeded(attempt) {
      const [[pair, key]] = limiting(attempt);
      pair.refill(key);
    },
  };
}

/** People sometimes type their password into the name field, so names are stored only as hashes. */
function keyOf(text: string): string {
  return hash('sha256', text, 'base64url');
}

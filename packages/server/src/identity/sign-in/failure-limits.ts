// Limits wrong passwords and wrong codes (NIST SP 800-63B-4 §3.2.2), without locking the user out: an address
// from which the user has signed in before has its own limits, which failures elsewhere do not change.
// Accounts that do not exist have the same limits, so that a 429 does not show which accounts exist.
import type { Clock } from '@gatehouse/access';
import { GatehouseError } from '@gatehouse/access';
import { addressShareOf } from '../../platform/address-share.ts';
import { createTokenBuckets } from '../../platform/token-buckets.ts';

/** A try to prove who someone is. */
export interface Attempt {
  /** The name of the user, which may not exist. */
  account: string;
  /** The client's. */
  address: string;
  /** Whether the user has signed in from this address share before. */
  isKnown: boolean;
}

export interface FailureLimits {
  /** Throws `too_many_requests` if there were too many failures. */
  requireRoom(attempt: Attempt): void;
  failed(attempt: Attempt): void;
  succeeded(attempt: Attempt): void;
}

export interface FailureRate {
  atOnce: number;
  perHour: number;
}

export interface FailureRates {
  /** Of one account from one address. */
  pair: FailureRate;
  /** The same for an address from which the user has signed in before. */
  knownPair: FailureRate;
  /** Of one account from all addresses that it does not know. */
  account: FailureRate;
  /** Of one address, for all accounts that have not signed in from it. */
  address: FailureRate;
}

export const PASSWORD_RATES: FailureRates = {
  pair: { atOnce: 10, perHour: 60 },
  knownPair: { atOnce: 30, perHour: 120 },
  account: { atOnce: 100, perHour: 60 },
  // Many people may share an address. Beyond this, hashes from there take 3 % of a core.
  address: { atOnce: 1000, perHour: 3600 },
};

/** Three of a million codes are right at any time, so guessing them takes years at this rate. */
export const CODE_RATES: FailureRates = {
  pair: { atOnce: 5, perHour: 12 },
  knownPair: { atOnce: 5, perHour: 12 },
  account: { atOnce: 20, perHour: 12 },
  address: { atOnce: 200, perHour: 3600 },
};

const KEYS = 20_000;

/** `what` names what was wrong, for the message: `passwords`. */
export function createFailureLimits(rates: FailureRates, what: string, clock: Clock): FailureLimits {
  const buckets = (rate: FailureRate) => createTokenBuckets({ ...rate, keys: KEYS }, clock);
  const pairs = buckets(rates.pair);
  const knownPairs = buckets(rates.knownPair);
  const accounts = buckets(rates.account);
  const addresses = buckets(rates.address);

  /** The buckets that an attempt takes from, each with its key. */
  function limiting({ account, address, isKnown }: Attempt) {
    const [name, share] = [account.toLowerCase(), addressShareOf(address)];
    const pair = `${share} ${name}`;
    if (isKnown) return [[knownPairs, pair]] as const;
    return [
      [pairs, pair],
      [accounts, name],
      [addresses, share],
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
    },
    succeeded(attempt) {
      const [[pair, key]] = limiting(attempt);
      pair.refill(key);
    },
  };
}

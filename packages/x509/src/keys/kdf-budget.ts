// A limit on the work that one file may ask for when its keys are derived from a passphrase (RFC 8018 §4.2 sets none), so that
// a hostile one cannot stall the process; all parts of a file draw on the same budget.
import { X509Error } from '../errors.ts';

/** Work still allowed, counted in rounds of PBKDF2. */
export interface KdfBudget {
  /** @throws X509Error `key_unsupported` when more is asked for than is left, or less than one round */
  spend(rounds: number): void;
}

/** A fresh budget of ten million rounds: one to three seconds. */
export function createKdfBudget(): KdfBudget {
  let left = MAX_ROUNDS;
  return {
    spend: (rounds) => {
      if (!(rounds >= 1 && rounds <= left)) {
        throw new X509Error(
          'key_unsupported',
          `the passphrase of the file is stretched too far, or not at all; at most ${MAX_ROUNDS} rounds are computed`,
        );
      }
      left -= rounds;
    },
  };
}

const MAX_ROUNDS = 10_000_000;

// Limits the work of deriving keys from a passphrase, so that a hostile file cannot stall the process (RFC
// 8018 §4.2 sets no limit). All parts of a file share one budget.
import { X509Error } from '../../errors.ts';

/** The remaining work, in rounds of PBKDF2. */
export interface KdfBudget {
  /** @throws X509Error `key_unsupported` for more rounds than remain, and for fewer than one */
  spend(rounds: number): void;
}

/** A new budget of ten million rounds, which take one to three seconds. */
export function createKdfBudget(): KdfBudget {
  let left = MAX_ROUNDS;
  return {
    spend: (rounds) => {
      if (!(rounds >= 1 && rounds <= left)) {
        throw new X509Error(
          'key_unsupported',
          `the file needs ${rounds} rounds of key derivation; 1 to ${MAX_ROUNDS} are allowed for a whole file`,
        );
      }
      left -= rounds;
    },
  };
}

const MAX_ROUNDS = 10_000_000;

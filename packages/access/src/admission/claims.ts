// Claims: things that count once only, in whichever process they come, such as the `jti` of a DPoP proof or
// the first use of a Digest nonce. A worker asks the control plane, which remembers them until they end.
import { GatehouseError } from '../errors/errors.ts';

/** Something that may be used once. */
export interface Claim {
  /** Names it among all others. The claimant prefixes its kind: `dpop:…`. */
  key: string;
  /** Who used it. Each party has a share of what can be remembered. */
  party: string;
  /** Milliseconds since the epoch: when the thing itself is no longer accepted. */
  expiresAt: number;
  /**
   * Milliseconds since the epoch, if it stays valid after a restart of the server: when it was made, by the
   * clock of its maker. The server refuses what was made before its start, so only claims with a time in the
   * future must survive a restart.
   */
  madeAt?: number;
  /**
   * If the server itself made a part of it, such as a nonce: the run of the clock of its key, which changes
   * when the clock is set back. So it cannot have been used in an earlier run.
   */
  run?: number | undefined;
}

/**
 * Whether a claim is the first of its key. `full`: too many of this party are remembered. `forgotten`: the
 * clock was set back to before claims that are remembered no longer, so that it is not known.
 */
export type ClaimOutcome = 'first' | 'again' | 'full' | 'forgotten';

/**
 * The error where it is not certain that something is new. `whenFull` says what there is too much of.
 * @example
 * throw uncertain(outcome, 'This caller signed too many requests within a minute: try again.');
 */
export function uncertain(
  outcome: Exclude<ClaimOutcome, 'first' | 'again'>,
  whenFull: string,
): GatehouseError {
  return new GatehouseError('unavailable', outcome === 'full' ? whenFull : SET_BACK);
}

const SET_BACK =
  'The clock of this server was set back. What was used before is refused until the clock has reached that time again.';

/** Remembers what was claimed. */
export interface Claims {
  /** Rejects with `unavailable` if that cannot be found out. */
  claim(claim: Claim): Promise<ClaimOutcome>;
}

/** Claims on their way to the control plane. */
export interface ClaimBatch {
  type: 'claims';
  claims: { id: number; claim: Claim }[];
}

/** The answers to earlier claims. */
export interface ClaimResults {
  type: 'claimed';
  results: { id: number; outcome: ClaimOutcome }[];
}

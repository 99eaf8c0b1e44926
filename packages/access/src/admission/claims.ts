// Claims: values that all processes together accept only once, such as the `jti` of a DPoP proof or the first
// use of a Digest nonce. A worker asks the control plane, which remembers a claim until the value expires.
import { GatehouseError } from '../errors/errors.ts';

/** Something that may be used once. */
export interface Claim {
  /** Its unique name. The claimant adds a prefix with the kind: `dpop:…`. */
  key: string;
  /** The party that used it. Each party has a share of the memory. */
  party: string;
  /** Milliseconds since the epoch: the time from which the value itself is refused. */
  expiresAt: number;
  /**
   * Milliseconds since the epoch, if it stays valid after a restart of the server: the time when it was made,
   * by the clock of its maker. The server refuses values from before its start, so only claims with a time in
   * the future must survive a restart.
   */
  madeAt?: number;
  /**
   * If the server itself made a part of it, such as a nonce: the run of the clock of its key, which changes
   * when the clock is set back. So it cannot have been used in an earlier run.
   */
  run?: number | undefined;
}

/**
 * Whether a claim is the first of its key. `full`: too many claims of this party are remembered. `forgotten`:
 * the clock was set back to a time before claims that have already been deleted, so the answer is unknown.
 */
export type ClaimOutcome = 'first' | 'again' | 'full' | 'forgotten';

/**
 * The error if it is not certain that a value is new. `whenFull` is the message if the party has too many
 * claims.
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
  'The clock of this server was set back. Until the clock has reached its earlier time again, the server refuses values that may have been used before.';

/** Remembers what was claimed. */
export interface Claims {
  /** Rejects with `unavailable` if the answer is unknown. */
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

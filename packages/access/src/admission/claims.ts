// Claims: values that all processes together accept only once, such as the `jti` of a DPoP proof or the first
// use of a Digest nonce. A worker asks the control plane, which stores a claim until the value expires.
import { GatehouseError } from '../errors/errors.ts';

/** A value that may be used once. */
export interface Claim {
  /** Its unique name, with a prefix for the kind: `dpop:…`. */
  key: string;
  /** The party that used it. Each party has a limit of claims. */
  party: string;
  /** Milliseconds since the epoch: when the value itself expires. */
  expiresAt: number;
  /**
   * Set if the value stays valid after a restart of the server: when its maker created it, in milliseconds
   * since the epoch. The server refuses values from before its start, so only claims with a time in the
   * future must survive a restart.
   */
  madeAt?: number;
  /**
   * Set if the server made a part of the value, such as a nonce: the run of the clock of the nonce's key. A
   * new run begins when the clock is set back, so the value cannot have been used in an earlier run.
   */
  run?: number | undefined;
}

/**
 * Whether a claim is the first with its key. `full`: this party has too many claims. `forgotten`: the clock
 * was set back to a time for which claims were already deleted, so the answer is unknown.
 */
export type ClaimOutcome = 'first' | 'again' | 'full' | 'forgotten';

/**
 * The error unless it is certain that a value is new. `whenFull` is the message if the party has too many
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

/** Stores claims. */
export interface Claims {
  /** Rejects with `unavailable` if the answer is unknown. */
  claim(claim: Claim): Promise<ClaimOutcome>;
}

/** Claims for the control plane. */
export interface ClaimBatch {
  type: 'claims';
  claims: { id: number; claim: Claim }[];
}

/** The answers to earlier claims. */
export interface ClaimResults {
  type: 'claimed';
  results: { id: number; outcome: ClaimOutcome }[];
}

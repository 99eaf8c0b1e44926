// The time of day. Code gets it as a parameter, so that tests of expiry and renewal need not wait.

/** A clock for the time of day. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
}

/**
 * The clock of the machine.
 * @example
 * const admission = createAdmission(facts, systemClock.now);
 */
export const systemClock: Clock = { now: () => Date.now() };

/**
 * Whole seconds since the Unix epoch: the NumericDate of RFC 7519 §2.
 * @example
 * const expiresAt = numericDate(clock) + 900;
 */
export function numericDate(clock: Clock): number {
  return Math.floor(clock.now() / 1000);
}

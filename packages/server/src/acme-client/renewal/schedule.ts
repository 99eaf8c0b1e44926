// Computes when to renew, and when to try again. The functions are pure: time and randomness are parameters.

export interface Validity {
  /** Milliseconds since the epoch. */
  notBefore: number;
  notAfter: number;
}

/** A time that the directory suggests (RFC 9773 §4.2). */
export interface Window {
  start: number;
  end: number;
}

/** The renewal is at about two thirds of the life, but not for all certificates at once. */
const RENEW_AT = { earliest: 0.63, latest: 0.7 };
// The last time that leaves enough time for another attempt.
const LATEST = 0.9;
const EARLIEST = 1 / 3;

/** `chance` is from 0 to 1. Even with a large `renewBeforeMs`, half of the life passes first. */
export function renewalTime(
  { notBefore, notAfter }: Validity,
  renewBeforeMs: number,
  chance: number,
): number {
  const life = notAfter - notBefore;
  const { earliest, latest } = RENEW_AT;
  if (renewBeforeMs === 0) return notBefore + life * (earliest + (latest - earliest) * chance);
  const wanted = notAfter - renewBeforeMs * (1 + chance / 10);
  return Math.min(Math.max(wanted, notBefore + life / 2), notBefore + life * LATEST);
}

/**
 * A time in the window (RFC 9773 §4.2). If the window has ended, replace the certificate now. Otherwise a
 * third of the life passes first. Undefined if the window ended before the certificate began, because that
 * would be a loop.
 */
export function suggestedTime(
  { notBefore, notAfter }: Validity,
  window: Window,
  { now, chance }: { now: number; chance: number },
): number | undefined {
  if (window.end <= notBefore) return undefined;
  if (window.end <= now) return now;
  const life = notAfter - notBefore;
  const latest = notBefore + life * LATEST;
  const start = Math.min(Math.max(window.start, notBefore + life * EARLIEST), latest);
  const end = Math.min(Math.max(window.end, start), latest);
  return start + (end - start) * chance;
}

/** A directory with very short certificates must not get an order each second. */
export function notAtOnce(renewAt: number, notAfter: number, now: number): number {
  return Math.max(renewAt, now + Math.min(SHORTEST_LIFE_MS, (notAfter - now) / 2));
}

const SHORTEST_LIFE_MS = 60_000;

const FIRST_PAUSE_MS = 60_000;
const LONGEST_PAUSE_MS = 6 * 3_600_000;

/**
 * When to try again: after one minute, then after twice as long each time, up to six hours, and not before
 * the directory wants it. `failures`: the number of failures in a row, at least one.
 */
export function retryTime({
  now,
  failures,
  wanted = 0,
  chance,
}: {
  now: number;
  failures: number;
  wanted?: number | undefined;
  chance: number;
}): number {
  const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(failures - 1, 20));
  return Math.max(now + pause * (1 + chance / 5), wanted);
}
